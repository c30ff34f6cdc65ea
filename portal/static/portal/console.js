/* The console works without this file; it saves some reaching for the mouse. */
"use strict";
const SWITCH = "tocsin.keys", PLACE = "tocsin.row";
const sheet = document.getElementById("keys");
const areOn = () => localStorage.getItem(SWITCH) !== "off";
const one = selector => document.querySelector(selector);
const rows = [...document.querySelectorAll("#result_list tbody tr")];
const linkOf = row => row.querySelector("th a, a");
let at = -1;

function stand(n) {
  if (!rows.length) return;
  rows[at]?.classList.remove("cursor");
  at = Math.min(Math.max(n, 0), rows.length - 1);
  rows[at].classList.add("cursor");
  rows[at].scrollIntoView({ block: "nearest" });
  sessionStorage.setItem(PLACE, linkOf(rows[at])?.pathname ?? "");
}

function step(by) {
  stand(at + by);
  if (rows[at]) linkOf(rows[at])?.focus({ preventScroll: true });
}

function search() {
  (document.getElementById("find") ?? document.getElementById("searchbar"))?.focus();
}

/* Take or acknowledge: what the row, or the head of the incident, has a button for. */
function act() {
  const place = rows[at]?.querySelector(".field-row_actions") ?? one(".head .go");
  place?.querySelector("[formaction$='/take/'],[formaction$='/acknowledge/'],[action$='/take/'] button,[action$='/acknowledge/'] button")?.click();
}

function comment() {
  const box = one(".composer textarea");
  box?.scrollIntoView({ block: "center" });
  box?.focus();
}

const KEYS = {
  "/": search,
  j: () => step(1),
  k: () => step(at < 0 ? 1 : -1),
  o: () => linkOf(rows[at] ?? document.createElement("tr"))?.click(),
  x: () => rows[at]?.querySelector(".action-select")?.click(),
  a: act,
  c: comment,
  "?": () => sheet?.showModal(),
};

/* What unfolds above a list: one at a time, and Escape folds it. */
const panels = [...document.querySelectorAll("details.adder")];
for (const panel of panels)
  panel.addEventListener("toggle", () => {
    if (panel.open) for (const other of panels) if (other !== panel) other.open = false;
  });
document.addEventListener("keydown", event => {
  const panel = panels.find(each => each.open);
  if (event.key !== "Escape" || !panel) return;
  panel.open = false;
  panel.querySelector("summary").focus();
});

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat && !"jk".includes(event.key)) return;
  if (!areOn() || one("dialog[open]") || event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  if (!Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});

/* Whoever comes back to a list stands where they were. */
const left = sessionStorage.getItem(PLACE);
if (left && rows.length) {
  const n = rows.findIndex(row => linkOf(row)?.pathname === left);
  if (n >= 0) stand(n);
}

if (sheet) {
  const box = sheet.querySelector("[type=checkbox]");
  box.checked = areOn();
  box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
  for (const button of document.querySelectorAll("[data-keys]")) {
    button.hidden = false;
    button.addEventListener("click", () => sheet.showModal());
  }
}

const wrong = one(".error-summary, .clash");
if (wrong) wrong.focus();

/* The stock lists with a search of their own are named by their value only, and by nothing while
   they are empty: the label belongs to it. */
globalThis.django?.jQuery?.(() => {
  for (const list of document.querySelectorAll(".select2-container")) {
    const label = list.previousElementSibling?.labels?.[0];
    if (!label) continue;
    label.id ||= `label-${label.htmlFor}`;
    for (const part of list.querySelectorAll("[aria-labelledby]"))
      part.setAttribute("aria-labelledby", `${label.id} ${part.getAttribute("aria-labelledby")}`);
    for (const part of list.querySelectorAll("[role=textbox]")) part.setAttribute("aria-labelledby", label.id);
  }
});
