/* Forms about an incident open on its page: the pages they are anyway, shown in a dialog. What was
   typed is kept when the dialog is left. Without this file each form is a page of its own. */
"use strict";
{
  const CARRIED = "tocsin.carried";
  const dialog = document.getElementById("in-place");
  const title = document.getElementById("in-place-title");
  const body = dialog.querySelector(".body");
  const trouble = dialog.querySelector("[data-failed]");
  const notice = document.getElementById("kept");
  const composed = document.getElementById("c-text");
  const kept = new Map(); // what was typed and not sent, by the address of its form
  let address = "", asShown = "", turn = 0, isStale = false, isLeaving = false;

  const mainForm = () => body.querySelector("#the-form");

  function typed() {
    const form = mainForm();
    if (!form) return "";
    const isWords = ([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken";
    return JSON.stringify([...new FormData(form)].filter(isWords));
  }

  function refill(words) {
    for (const field of mainForm()?.elements ?? []) {
      const values = words.filter(([name]) => name === field.name).map(([, value]) => value);
      if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
      else if (field.options) for (const each of field.options) each.selected = values.includes(each.value);
      else if (values.length && !["file", "submit"].includes(field.type)) field.value = values[0];
    }
  }

  function keep() {
    const words = typed();
    if (words && words !== asShown) kept.set(address, JSON.parse(words));
    else kept.delete(address);
  }

  /* What came back: where to go, a page with a form, or nothing that fits. */
  async function ask(url, options = {}) {
    const answer = await fetch(url, {headers: {"X-In-Place": "1"}, ...options}).catch(() => null);
    if (!answer) return {};
    if (answer.headers.get("Content-Type") === "application/json") return answer.json();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector("#content-main[data-act]") ? {page} : {};
  }

  function fill(page, url) {
    const {pathname, search, hash} = new URL(url, location.href);
    title.textContent = page.querySelector("#content h1").textContent;
    const told = page.querySelectorAll(".messagelist");
    body.replaceChildren(...told, ...page.getElementById("content-main").childNodes);
    for (const form of body.querySelectorAll("form:not([action])"))
      form.setAttribute("action", pathname + search);
    trouble.hidden = true;
    address = pathname;
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
    const place = hash && body.querySelector(hash)
      || body.querySelector(".error-summary[tabindex], .clash")
      || mainForm()?.querySelector("input:not([type=hidden]), select, textarea") || title;
    place.focus();
  }

  async function open(url) {
    const now = ++turn;
    const {page} = await ask(url);
    if (now !== turn) return;
    if (!page) { location.assign(url); return; }
    if (dialog.open) keep();
    fill(page, url);
    asShown = typed();
    if (kept.has(address)) refill(kept.get(address));
    notice.hidden = true;
  }

  async function send(form, button) {
    const url = button?.hasAttribute("formaction") ? button.formAction : form.getAttribute("action");
    const now = ++turn;
    const sent = new FormData(form, button);
    dialog.setAttribute("aria-busy", "true");
    body.inert = true; // what would be typed now would be lost when the answer comes
    const {go, page} = await ask(url, {method: "POST", body: sent});
    body.inert = false;
    dialog.removeAttribute("aria-busy");
    if (now !== turn) return;
    if (go) { kept.delete(address); follow(go); }
    else if (page) { fill(page, url); asShown = "refused"; }
    else {
      trouble.textContent = trouble.dataset.failed;
      trouble.hidden = false;
      trouble.focus();
    }
  }

  function follow(url) {
    const target = new URL(url, location.href);
    if (target.pathname === location.pathname) { reload(target.hash); return; }
    isStale = true;
    asShown = typed();
    open(target.href);
  }

  /* The page as it is now; what was typed on it elsewhere comes along. */
  function reload(hash) {
    isLeaving = true;
    const audience = document.querySelector("#compose [name=audience]:checked")?.value;
    const words = {kept: [...kept], text: composed?.value, audience, hash};
    sessionStorage.setItem(CARRIED, JSON.stringify(words));
    history.replaceState(null, "", location.pathname + location.search + hash);
    location.reload();
  }

  function arrive() {
    const carried = JSON.parse(sessionStorage.getItem(CARRIED) ?? "null");
    sessionStorage.removeItem(CARRIED);
    if (!carried) return;
    for (const [url, words] of carried.kept) kept.set(url, words);
    notice.hidden = !kept.size;
    if (composed && carried.text) {
      composed.value = carried.text;
      document.querySelector(`#compose [name=audience][value="${carried.audience}"]`)?.click();
    }
    scrollTo(0, 0);
    const part = carried.hash && document.querySelector(carried.hash);
    const place = part ? part.querySelector("h2, summary") ?? part : document.querySelector(".messagelist");
    if (place && place.tagName !== "SUMMARY") place.tabIndex = -1;
    place?.focus();
  }

  document.addEventListener("click", event => {
    const link = event.target.closest("a[href]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const isInside = body.contains(link);
    if (!isInside && !link.matches("[data-in-place]") || link.getAttribute("href").startsWith("#")) return;
    if (link.pathname === location.pathname) {
      if (link.matches(".closelink")) event.preventDefault();
      if (isInside) dialog.close();
      return;
    }
    event.preventDefault();
    open(link.href);
  });

  dialog.addEventListener("submit", event => {
    if (event.target.getAttribute("method") === "dialog") return;
    event.preventDefault();
    if (!dialog.hasAttribute("aria-busy")) send(event.target, event.submitter);
  });

  dialog.addEventListener("close", () => {
    turn++;
    if (isLeaving) return;
    keep();
    notice.hidden = !kept.has(address);
    body.replaceChildren();
    if (isStale) reload("");
  });

  addEventListener("load", arrive);
}
