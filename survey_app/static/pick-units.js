// Narrows a long list of units to what is typed, whatever the marks; without it the whole list stands there.
"use strict";
(function () {
  const box = document.querySelector("[data-pick-find]");
  if (!box) return;
  const bare = function (text) {
    return text.toLowerCase().replace(/đ/g, "d").normalize("NFD").replace(/[\u0300-\u036f]/g, "").trim();
  };
  box.hidden = false;
  box.querySelector("input").addEventListener("input", function (event) {
    const wanted = bare(event.target.value);
    document.querySelectorAll("[data-pick]").forEach(function (pick) {
      pick.hidden = wanted !== "" && !(" " + pick.dataset.pick).includes(" " + wanted);
    });
    document.querySelectorAll("fieldset.unit-picks").forEach(function (group) {
      group.hidden = !group.querySelector("[data-pick]:not([hidden])");
    });
  });
})();
