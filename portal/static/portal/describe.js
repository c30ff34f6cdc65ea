/* While somebody describes what happened: their own open tickets that are like it.
   Without it, the page that follows shows them. A failure shows nothing and stops nobody. */
"use strict";
{
  const PAUSE = 700;
  const box = document.getElementById("similar");
  const words = document.getElementById("id_description");
  let timer = 0;
  let asked = "";
  let shown = "";

  const ask = async () => {
    const text = words.value.trim();
    if (text === asked) return;
    asked = text;
    try {
      const answer = await fetch(box.dataset.url, {
        method: "POST",
        headers: { "X-CSRFToken": words.form.elements.csrfmiddlewaretoken.value },
        body: new URLSearchParams({ text: text.slice(0, 20000) }),
      });
      const found = await answer.text();
      // Unchanged words are left standing: a screen reader would say them again.
      if (!answer.ok || text !== asked || found === shown) return;
      shown = found;
      box.replaceChildren(...new DOMParser().parseFromString(found, "text/html").body.children);
    } catch {
      asked = "";
    }
  };

  if (box && words) {
    words.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE);
    });
    if (words.value.trim()) ask();
  }
}
