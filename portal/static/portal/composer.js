/* The composer: macros without a new page, names after an @. It works without this file. */
"use strict";
{
  const form = document.getElementById("compose");
  const text = document.getElementById("c-text");

  function use(macro) {
    const {text: words, audience, key, changes} = macro.dataset;
    text.value = text.value.trim() ? `${text.value.trim()}\n\n${words}` : words;
    const radio = form.querySelector(`[name=audience][value=${audience}]`);
    if (radio) radio.checked = true;
    const along = document.getElementById("c-along");
    along.hidden = !changes;
    along.querySelector("[name=macro]").value = key;
    along.querySelector("[name=sets]").checked = Boolean(changes);
    along.querySelector("b").textContent = changes;
    macro.closest("details").open = false;
    text.rows = 8;
    text.focus();
    text.dispatchEvent(new Event("input", {bubbles: true}));
  }

  /* Suggestions: a list of buttons under the text, arrows and Enter or the mouse choose. */
  const list = document.createElement("ul");
  list.className = "calls";
  list.id = "calls";
  list.hidden = true;
  const told = document.createElement("p");
  told.className = "visually-hidden";
  told.setAttribute("role", "status");
  const PAUSE = 200; // milliseconds without a key before the server is asked
  let asked = 0, waits = 0;

  const begun = () => text.value.slice(0, text.selectionStart).match(/(?:^|[\s(])@([\p{L}\p{N}_.\-]{1,40})$/u);
  const close = () => {
    list.hidden = true;
    list.replaceChildren();
    told.textContent = "";
  };

  function put(username) {
    const typed = begun();
    if (!typed) return close();
    const end = text.selectionStart;
    text.setRangeText(`@${username} `, end - typed[1].length - 1, end, "end");
    close();
    text.focus();
  }

  async function suggest() {
    const typed = begun();
    if (!typed || !form.querySelector("[value=internal]").checked) return close();
    const turn = ++asked;
    const answer = await fetch(`${form.dataset.people}?q=${encodeURIComponent(typed[1])}`).catch(() => null);
    if (!answer || !answer.ok || turn !== asked) return;
    const {people} = await answer.json();
    list.replaceChildren(...people.map(person => {
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn bare";
      button.textContent = `${person.name} @${person.username}`;
      button.addEventListener("pointerdown", event => event.preventDefault()); // the text keeps the focus
      button.addEventListener("click", () => put(person.username));
      item.append(button);
      return item;
    }));
    list.hidden = !people.length;
    told.textContent = people.length ? form.dataset.found.replace("0", people.length) : "";
  }

  function suggestSoon() {
    clearTimeout(waits);
    waits = setTimeout(suggest, PAUSE);
  }

  if (form && text) {
    text.after(list, told);
    form.addEventListener("focusout", event => {
      if (!form.contains(event.relatedTarget)) close();
    });
    for (const macro of form.querySelectorAll("[name=pick]"))
      macro.addEventListener("click", event => { event.preventDefault(); use(macro); });
    text.addEventListener("input", suggestSoon);
    form.addEventListener("keydown", event => {
      if (list.hidden) return;
      const buttons = [...list.querySelectorAll("button")];
      const at = buttons.indexOf(document.activeElement);
      if (event.key === "Escape") { close(); text.focus(); }
      else if (event.target === text && ["Enter", "Tab"].includes(event.key)) buttons[0].click();
      else if (event.key === "ArrowDown") buttons[Math.min(at + 1, buttons.length - 1)].focus();
      else if (event.key === "ArrowUp" && at >= 0) (at ? buttons[at - 1] : text).focus();
      else return;
      event.preventDefault();
    });
  }
}
