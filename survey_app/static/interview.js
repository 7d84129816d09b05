// While answers are being entered the session stays alive, and a half-filled form is not left by accident.
// Nothing depends on this file: without it the form works and the session ends after its usual time.
(() => {
  const ALIVE_EVERY_MS = 10 * 60 * 1000;
  const form = document.querySelector("form.questions");
  let isEntered = false;
  let isUnsent = false;

  form.addEventListener("input", () => {
    isEntered = true;
    isUnsent = true;
  });
  form.addEventListener("submit", () => {
    isUnsent = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (isUnsent) event.preventDefault();
  });
  setInterval(() => {
    if (!isEntered) return;
    isEntered = false;
    fetch(form.dataset.alive, { method: "HEAD", credentials: "same-origin" }).catch(() => {
      isEntered = true;
    });
  }, ALIVE_EVERY_MS);
})();
