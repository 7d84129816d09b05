/* Progress of batches of reports: while one is being made, the list is fetched again and takes the old one's place. */
(function () {
  "use strict";
  const EVERY_MS = 2000;
  let timer = 0;

  if (!window.fetch || !window.DOMParser) return;
  schedule();

  function schedule() {
    clearTimeout(timer);
    if (document.querySelector("[data-batches] [data-open]")) timer = setTimeout(update, EVERY_MS);
  }

  function update() {
    if (document.hidden) { schedule(); return; }
    fetch(location.pathname + location.search, { cache: "no-store", headers: { Accept: "text/html" } }).then(response => {
      /* Signed out meanwhile: what is shown stays, and nothing more is asked. */
      return response.ok && !response.redirected ? response.text() : null;
    }).then(text => {
      if (!text) return;
      const old = document.querySelector("[data-batches]");
      const fresh = new DOMParser().parseFromString(text, "text/html").querySelector("[data-batches]");
      if (old && fresh && old.innerHTML !== fresh.innerHTML) old.innerHTML = fresh.innerHTML;
      schedule();
    }).catch(schedule);
  }
})();
