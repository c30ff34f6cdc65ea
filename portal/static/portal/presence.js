/* Who else is at this incident. Without it the page says who was here when it was loaded. */
"use strict";
{
  const line = document.getElementById("presence");
  const token = document.querySelector("#compose [name=csrfmiddlewaretoken], [name=csrfmiddlewaretoken]");
  const EVERY = 20000;
  let typedAt = 0;

  async function ping() {
    if (document.hidden) return;
    const isEditing = Date.now() - typedAt < EVERY * 2;
    const answer = await fetch(line.dataset.url, {
      method: "POST",
      headers: {"X-CSRFToken": token.value, ...(isEditing ? {} : {"X-Unattended": "1"})},
      body: new URLSearchParams(isEditing ? {editing: "1"} : {}),
    }).catch(() => null);
    if (!answer || !answer.ok) return;
    const {present} = await answer.json();
    const words = line.querySelector("span");
    if (words.textContent !== present) words.textContent = present;
    line.querySelector("svg").toggleAttribute("hidden", !present);
  }

  if (line && token) {
    setInterval(ping, EVERY);
    document.addEventListener("input", event => {
      if (!event.target.closest("form") || event.target.closest("[role=search]")) return;
      const isFirst = Date.now() - typedAt > EVERY;
      typedAt = Date.now();
      if (isFirst) ping();
    });
  }
}
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.querySelector("span").textContent = button.dataset.done;
    button.title = button.dataset.done;
  });
}
