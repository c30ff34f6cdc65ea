/* The console works without this file; it saves some reaching for the mouse. */
"use strict";
document.addEventListener("keydown", event => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const find = document.getElementById("find");
  if (find) {
    event.preventDefault();
    find.focus();
  }
});
const wrong = document.querySelector(".error-summary");
if (wrong) wrong.focus();
