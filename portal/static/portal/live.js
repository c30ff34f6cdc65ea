/* Counts that keep up while the page stands open. Without it they are those of its loading. */
"use strict";
{
  const rail = document.querySelector("[data-live]");
  const news = document.getElementById("news");
  const EVERY = 60000;
  let etag = "", askedAt = Date.now(), timer = 0;

  function show(row) {
    let rose = false;
    for (const link of document.querySelectorAll(".views a, .now a")) {
      if (link.getAttribute("href") !== row.url) continue;
      const number = link.querySelector("b"), fact = link.querySelector("small");
      if (!number) continue;
      rose ||= parseInt(row.number, 10) > parseInt(number.textContent, 10);
      number.textContent = row.number;
      link.parentElement.classList.toggle("hot", row.is_hot);
      if (fact) fact.textContent = row.fact;
    }
    return rose;
  }

  /* Told politely, and only of lists on which somebody must act. */
  function tell(rows) {
    const said = rows.filter(row => show(row) && row.is_hot).map(row => row.said);
    if (said.length) news.textContent = said.join(" ");
  }

  async function ask() {
    if (document.hidden) return;
    askedAt = Date.now();
    const headers = {"X-Unattended": "1", ...(etag ? {"If-None-Match": etag} : {})};
    const answer = await fetch(rail.dataset.live, {headers, cache: "no-store", redirect: "manual"}).catch(() => null);
    if (!answer || answer.status === 304 || answer.status >= 500) return;
    if (!answer.ok) return clearInterval(timer);
    etag = answer.headers.get("ETag") ?? "";
    tell(await answer.json());
  }

  if (rail && news) {
    timer = setInterval(ask, EVERY);
    document.addEventListener("visibilitychange", () => {
      if (Date.now() - askedAt > EVERY) ask();
    });
  }
}
