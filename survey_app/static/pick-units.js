// Narrows a long list of units to what is typed, whatever the marks; without it the whole list stands there, or what
// a search by its button found. What is ticked stays in sight.
"use strict";
(function () {
  const box = document.querySelector("[data-pick-find]");
  const input = box ? box.querySelector("input") : document.querySelector("[data-pick-box]");
  if (!input) return;
  const bare = function (text) {
    return text.toLowerCase().replace(/đ/g, "d").normalize("NFD").replace(/[\u0300-\u036f]/g, "").trim();
  };
  if (box) box.hidden = false;
  input.addEventListener("input", function (event) {
    const wanted = bare(event.target.value);
    document.querySelectorAll("[data-pick]").forEach(function (pick) {
      const tick = pick.querySelector("input:checked");
      pick.hidden = !tick && wanted !== "" && !(" " + pick.dataset.pick).includes(" " + wanted);
    });
    document.querySelectorAll("fieldset.unit-picks").forEach(function (group) {
      group.hidden = !group.querySelector("[data-pick]:not([hidden])");
    });
  });
})();
