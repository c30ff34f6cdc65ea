/* A long list of names gets a field that narrows it. Without it the whole list stands there. */
"use strict";
{
  const MANY = 8;

  for (const list of document.querySelectorAll(".names")) {
    const labels = [...list.querySelectorAll(".pick label")];
    const finder = list.querySelector("[data-finder]");
    if (labels.length <= MANY || !finder) continue;
    finder.hidden = false;
    const field = finder.querySelector("input");
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLowerCase();
      for (const label of labels) {
        const isChosen = label.querySelector("input").checked;
        label.hidden = !isChosen && !label.textContent.toLowerCase().includes(wanted);
      }
    });
    // Enter in this field would send the page.
    field.addEventListener("keydown", event => {
      if (event.key === "Enter") event.preventDefault();
    });
  }
}
