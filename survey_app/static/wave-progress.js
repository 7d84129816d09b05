/* The progress of a wave without reloading: the page is fetched again and its parts take the place of the old ones. */
(function () {
  "use strict";
  const EVERY_MS = 30000, ALONE_MS = 600000;
  const note = document.querySelector("[data-updates]");
  let touchedAt = Date.now(), isAway = false;

  if (!document.querySelector("[data-progress]") || !window.fetch || !window.DOMParser) return;
  note.hidden = false;
  /* Nobody at the page for ten minutes: it stops asking, so that an open screen keeps no session alive. */
  ["pointerdown", "keydown", "scroll", "visibilitychange"].forEach(kind => document.addEventListener(kind, () => { touchedAt = Date.now(); }, { passive: true }));
  setInterval(update, EVERY_MS);

  function update() {
    if (document.hidden || isAway || Date.now() - touchedAt > ALONE_MS) return;
    fetch(location.href, { cache: "no-store", headers: { Accept: "text/html" } }).then(response => {
      /* Signed out meanwhile: what is shown stays, and nothing more is asked. */
      if (!response.ok || response.redirected) { isAway = true; note.hidden = true; return null; }
      return response.text();
    }).then(text => { if (text) swap(new DOMParser().parseFromString(text, "text/html")); }).catch(() => {});
  }

  /* The summary is changed inside its live region, so that it is read out; of the rest only what differs changes. */
  function swap(page) {
    ["[data-summary]", "#to-do", "#days", "#channels", "#cases", "#units tbody"].forEach(place => {
      const old = document.querySelector(place), fresh = page.querySelector(place);
      if (old && fresh && old.innerHTML !== fresh.innerHTML) old.innerHTML = fresh.innerHTML;
    });
  }
})();
