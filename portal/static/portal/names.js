/* A long list of names gets a field that narrows it. Without it the whole list stands there.
   Answers that are no names stay in sight; how many names are left is said. */
"use strict";
{
  const MANY = 8;
  const NO_NAMES = ["*", "unknown"];

  for (const list of document.querySelectorAll(".names")) {
    const labels = [...list.querySelectorAll(".pick label")];
    const finder = list.querySelector("[data-finder]");
    if (labels.length <= MANY || !finder) continue;
    finder.hidden = false;
    const field = finder.querySelector("input");
    const left = finder.querySelector("[data-left]");
    const names = labels.filter(label => !NO_NAMES.includes(label.querySelector("input").value));
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLowerCase();
      const fits = label => label.textContent.toLowerCase().includes(wanted);
      for (const label of names) label.hidden = !fits(label) && !label.querySelector("input").checked;
      const count = names.filter(fits).length;
      const words = count ? left.dataset.some.replace("{number}", count) : left.dataset.none;
      left.textContent = wanted ? words : "";
    });
    // Enter in this field would send the page.
    field.addEventListener("keydown", event => {
      if (event.key === "Enter") event.preventDefault();
    });
  }
}
