/* Small help on pages of results: sort and filter tables, larger charts, values under the pointer. All of it may be absent. */
(function () {
  "use strict";
  const words = document.currentScript ? document.currentScript.dataset : {};
  const ROWS_TO_FIND = 12;
  let tip = null;

  document.addEventListener("DOMContentLoaded", begin);
  if (document.readyState !== "loading") begin();

  function begin() {
    if (document.documentElement.dataset.charts) return;
    document.documentElement.dataset.charts = "on";
    const here = document.querySelector(".tabs [aria-current]");
    if (here) here.closest("ul").scrollLeft = here.offsetLeft - 24;
    document.querySelectorAll("table[data-sortable]").forEach(sortable);
    document.querySelectorAll("table[data-sortable]").forEach(findable);
    if (document.querySelector(".for-print")) { document.querySelectorAll("details").forEach(each => { each.open = true; }); return; }
    document.querySelectorAll(".chart").forEach(expandable);
    document.addEventListener("pointermove", hover, { passive: true });
  }

  /* "Đông Hà" is found by "dong ha". */
  function plain(text) { return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d").replace(/Đ/g, "d").toLowerCase(); }

  /* What a cell is sorted by: the number that it says, else its words. "1.234" is a thousand in Vietnamese. */
  function keyOf(cell) {
    const given = cell && cell.dataset.value;
    if (given) return Number(given);
    const text = cell ? cell.textContent.trim().replace(/[−–]/g, "-") : "";
    const isVietnamese = document.documentElement.lang === "vi";
    const found = text.match(/^[+-]?\d[\d.,]*/);
    if (!found) return text;
    return Number(isVietnamese ? found[0].replace(/\./g, "").replace(",", ".") : found[0].replace(/,/g, ""));
  }

  function sortable(table) {
    table.querySelectorAll("thead tr:last-child th").forEach((head, place) => {
      const button = document.createElement("button");
      button.type = "button"; button.className = "sort-by"; button.title = words.sort || "";
      while (head.firstChild) button.append(head.firstChild);
      head.append(button);
      button.addEventListener("click", () => sortBy(table, head, place));
    });
  }

  function sortBy(table, head, place) {
    const falls = head.getAttribute("aria-sort") === "ascending";
    table.querySelectorAll("thead th").forEach(each => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", falls ? "descending" : "ascending");
    const order = new Intl.Collator(document.documentElement.lang);
    const body = table.tBodies[0], rows = Array.from(body.rows);
    rows.sort((a, b) => {
      const one = keyOf(a.cells[place]), other = keyOf(b.cells[place]);
      if (typeof one !== typeof other) return typeof one === "number" ? -1 : 1;
      const way = typeof one === "number" ? one - other : order.compare(one, other);
      return falls ? -way : way;
    });
    rows.forEach(row => body.append(row));
  }

  function findable(table) {
    const body = table.tBodies[0];
    if (!body || body.rows.length < ROWS_TO_FIND) return;
    const label = document.createElement("label"), input = document.createElement("input"), note = document.createElement("span");
    label.className = "table-find"; label.append(words.find || ""); input.type = "search"; input.autocomplete = "off";
    note.setAttribute("role", "status");
    label.append(input, note);
    (table.closest(".table-scroll") || table).before(label);
    input.addEventListener("input", () => {
      const wanted = plain(input.value.trim());
      let n = 0;
      Array.from(body.rows).forEach(row => { row.hidden = !plain(row.textContent).includes(wanted); n += row.hidden ? 0 : 1; });
      note.textContent = n ? "" : words.none || "";
    });
  }

  function expandable(chart) {
    if (typeof HTMLDialogElement !== "function") return;
    const button = document.createElement("button");
    button.type = "button"; button.className = "chart-expand"; button.textContent = words.expand || "+";
    chart.prepend(button);
    button.addEventListener("click", () => {
      const drawn = chart.querySelector(".chart-wide svg");
      const dialog = document.createElement("dialog"), close = document.createElement("button");
      dialog.className = "chart-open chart"; close.type = "button"; close.className = "chart-expand"; close.textContent = words.close || "×";
      close.addEventListener("click", () => dialog.close());
      dialog.append(close, drawn.cloneNode(true));
      dialog.addEventListener("close", () => dialog.remove());
      document.body.append(dialog);
      dialog.showModal();
    });
  }

  /* A mark that carries words says them beside the pointer. */
  function hover(event) {
    const mark = event.target.closest ? event.target.closest("[data-tip]") : null;
    if (!mark) { if (tip) tip.hidden = true; return; }
    if (!tip) { tip = document.createElement("div"); tip.className = "chart-tip"; tip.setAttribute("aria-hidden", "true"); document.body.append(tip); }
    tip.textContent = mark.dataset.tip; tip.hidden = false;
    tip.style.left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8) + "px";
    tip.style.top = (event.clientY + 16) + "px";
  }
})();
