// Keying sheets of paper: one line a sheet, digits choose, every sheet is stored as it is keyed.
(() => {
  "use strict";
  const box = document.getElementById("entry");
  if (!box) return;
  const data = JSON.parse(document.getElementById(box.dataset.source).textContent);
  const { columns, words } = data;
  const table = box.querySelector("table");
  const asked = {
    text: box.querySelector(".asked-text"),
    choices: box.querySelector(".asked-choices"),
    said: box.querySelector(".asked-said"),
  };
  const progress = document.getElementById("entry-progress");
  const state = document.getElementById("entry-state");
  const QUIET = 1200;
  const RETRIES = [1000, 3000, 8000, 20000];
  const storeKey = (position) => `paper:${data.batch}:${data.round}:${position}`;
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // A line: what is on the page, what is stored, and where it is on its way from one to the other.
  const lines = data.positions.map((position) => {
    const row = data.rows[position];
    return {
      position, cells: row ? row.cells.slice() : columns.map(() => ""), stored: row ? row.cells.slice() : null,
      finished: Boolean(row && row.finished), storedFinished: Boolean(row && row.finished),
      status: row ? (row.finished ? "saved" : "editing") : "none", timer: 0, sending: false, failures: 0,
    };
  });
  let at = { line: 0, column: 0 };
  let typed = "";
  let heard = "";

  // What was keyed and could not be stored waits in this browser, and goes when the server has it.
  function keepUnsaved(line) {
    try {
      if (isStored(line)) localStorage.removeItem(storeKey(line.position));
      else localStorage.setItem(storeKey(line.position), JSON.stringify([line.cells, line.finished]));
    } catch { /* a browser without storage still stores at the server */ }
  }
  function takeUnsaved(line) {
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(storeKey(line.position)) || "null"); } catch { kept = null; }
    if (!Array.isArray(kept) || !Array.isArray(kept[0]) || kept[0].length !== columns.length) return;
    [line.cells, line.finished] = [kept[0], Boolean(kept[1])];
    if (!isStored(line)) plan(line, 0); else keepUnsaved(line);
  }

  const same = (one, other) => one.join(",") === other.join(",");
  const isBlank = (line) => line.cells.every((cell) => cell === "");
  const isStored = (line) => (line.stored ? same(line.cells, line.stored) && line.finished === line.storedFinished : isBlank(line));

  function plan(line, wait) {
    clearTimeout(line.timer);
    line.status = "saving";
    line.timer = setTimeout(() => send(line), wait);
    keepUnsaved(line);
    show(line);
  }

  async function send(line) {
    if (line.sending || isStored(line)) { settle(line); return; }
    line.sending = true;
    const sent = { cells: line.cells.slice(), finished: line.finished };
    let answer = null;
    try {
      answer = await fetch(data.url, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": data.csrf },
        body: JSON.stringify({ round: data.round, position: line.position, before: line.stored, ...sent }),
      });
    } catch { answer = null; }
    line.sending = false;
    if (answer && answer.ok) {
      const blank = sent.cells.every((cell) => cell === "");
      line.stored = blank ? null : sent.cells;
      line.storedFinished = sent.finished;
      line.failures = 0;
      if (!isStored(line)) plan(line, 0); else settle(line);
      return;
    }
    if (answer && answer.status < 500 && answer.status !== 429 && answer.status !== 401) {
      line.status = "refused";
      line.why = answer.status === 409 ? words.elsewhere : words.refused;
      show(line);
      return;
    }
    line.status = "unsaved";
    line.why = answer && answer.status === 401 ? words.signed_out : "";
    line.timer = setTimeout(() => send(line), RETRIES[Math.min(line.failures, RETRIES.length - 1)]);
    line.failures += 1;
    show(line);
  }

  function settle(line) {
    if (line.sending) return;
    line.status = line.stored ? (line.storedFinished ? "saved" : "editing") : "none";
    keepUnsaved(line);
    show(line);
  }

  // Drawing
  const MARKS = { none: "", editing: "…", saving: "↑", saved: "✓", unsaved: "!", refused: "×" };
  function draw() {
    const head = table.createTHead().insertRow();
    head.append(cell("th", words.sheet, { scope: "col" }));
    let heading = "";
    columns.forEach((column) => {
      const th = cell("th", column.number, { scope: "col", title: column.text });
      column.begins = column.heading !== heading;
      th.classList.toggle("begins", column.begins);
      heading = column.heading;
      head.append(th);
    });
    const body = table.createTBody();
    lines.forEach((line, n) => {
      const tr = body.insertRow();
      line.head = cell("th", "", { scope: "row" });
      tr.append(line.head);
      tr.classList.toggle("spare", data.round === 1 && line.position > data.expected);
      line.nodes = columns.map((column, m) => {
        const td = cell("td", "", { role: "gridcell", tabindex: "-1" });
        td.classList.toggle("begins", column.begins);
        td.classList.toggle("many", column.multiple);
        td.addEventListener("focus", () => { if (at.line !== n || at.column !== m) { leave(n); at = { line: n, column: m }; typed = ""; } ask(); });
        td.addEventListener("mousedown", () => td.focus());
        tr.append(td);
        return td;
      });
      show(line);
    });
  }
  function cell(tag, text, attributes) {
    const node = document.createElement(tag);
    node.textContent = text;
    Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
    return node;
  }
  function show(line) {
    line.head.replaceChildren(document.createTextNode(line.position), cell("span", MARKS[line.status], { class: `mark mark-${line.status}`, "aria-hidden": "true" }));
    line.head.title = `${words[line.status]}${data.round === 1 && line.position > data.expected ? `, ${words.spare}` : ""}`;
    line.head.setAttribute("aria-label", `${words.sheet} ${line.position}, ${line.head.title}`);
    line.head.dataset.status = line.status;
    line.nodes.forEach((node, n) => {
      node.textContent = line.cells[n];
      node.setAttribute("aria-label", `${words.sheet} ${line.position}, ${words.column} ${columns[n].number}: ${line.cells[n] || words.blank}`);
    });
    const waiting = lines.filter((each) => !isStored(each));
    const done = lines.filter((each) => each.stored && each.storedFinished).length;
    progress.textContent = say(words.progress, { done, all: lines.filter((each) => data.round === 2 || each.position <= data.expected).length });
    const trouble = lines.find((each) => each.status === "refused" || each.status === "unsaved");
    state.textContent = trouble && trouble.why ? trouble.why
      : waiting.length ? say(words.some_unsaved, { n: waiting.length }) : done ? words.all_saved : "";
    state.dataset.unsaved = String(waiting.length);
    state.classList.toggle("in-trouble", Boolean(trouble));
  }
  function meaning(column, held) {
    const chosen = column.multiple ? [...held] : [held];
    return column.choices.filter(([key]) => chosen.includes(key)).map(([, label]) => label).join("; ");
  }
  function ask(problem) {
    const column = columns[at.column];
    const held = lines[at.line].cells[at.column];
    const chosen = column.multiple ? [...held] : [held];
    asked.text.replaceChildren(cell("b", `${column.number}. ${column.text}`, {}), document.createTextNode(` ${[column.heading, column.note].filter(Boolean).join(" · ")}`));
    asked.choices.replaceChildren(...column.choices.map(([key, label]) => {
      const button = cell("button", "", { type: "button", tabindex: "-1", "aria-pressed": String(chosen.includes(key)) });
      button.append(cell("kbd", key, {}), document.createTextNode(label));
      button.addEventListener("mousedown", (event) => event.preventDefault());
      button.addEventListener("click", () => { typed = ""; key.split("").forEach(digit); });
      return button;
    }));
    const here = `${words.sheet} ${lines[at.line].position}: ${typed || meaning(column, held) || words.blank}`;
    asked.said.textContent = problem || (heard ? `${here} · ${heard}` : here);
    asked.said.classList.toggle("in-trouble", Boolean(problem));
    table.querySelectorAll(".here").forEach((node) => node.classList.remove("here"));
    table.tHead.rows[0].cells[at.column + 1].classList.add("here");
    lines[at.line].head.classList.add("here");
  }

  // Moving
  function leave(next) {
    const line = lines[at.line];
    if (next === at.line || isBlank(line)) return;
    line.finished = true;
    if (!isStored(line)) plan(line, 0);
  }
  function go(line, column) {
    if (line < 0 || line >= lines.length) return;
    if (line !== at.line) heard = "";
    leave(line);
    typed = "";
    at = { line, column: Math.max(0, Math.min(column, columns.length - 1)) };
    table.querySelectorAll("[tabindex='0']").forEach((node) => node.setAttribute("tabindex", "-1"));
    const node = lines[at.line].nodes[at.column];
    node.setAttribute("tabindex", "0");
    node.focus({ preventScroll: true });
    node.scrollIntoView({ block: "nearest", inline: "nearest" });
    ask();
  }
  function step(by) {
    const next = at.column + by;
    if (next >= columns.length) finish();
    else if (next < 0) { if (at.line) go(at.line - 1, columns.length - 1); }
    else go(at.line, next);
  }
  function finish() {
    if (at.line + 1 < lines.length) { go(at.line + 1, 0); return; }
    leave(-1);
    (document.getElementById("entry-next") || document.getElementById("entry-done")).focus();
  }

  // Keying
  function put(value) {
    const line = lines[at.line];
    line.cells[at.column] = value;
    const column = columns[at.column];
    heard = say(words.heard, { column: column.number, words: meaning(column, value) || words.blank });
    plan(line, QUIET);
    ask();
  }
  function digit(key) {
    const column = columns[at.column];
    const keys = column.choices.map(([each]) => each);
    if (column.multiple) { toggle(column, keys, key); return; }
    typed += key;
    if (keys.includes(typed)) { const value = typed; typed = ""; put(value); step(1); return; }
    if (keys.some((each) => each.startsWith(typed))) { ask(); return; }
    typed = "";
    ask(words.wrong);
  }
  function toggle(column, keys, key) {
    const held = lines[at.line].cells[at.column];
    if (!keys.includes(key)) ask(words.wrong);
    else if (held.includes(key)) put(held.replace(key, ""));
    else if (held.length >= column.most) ask(say(words.most, { n: column.most }));
    else put(keys.filter((each) => held.includes(each) || each === key).join(""));
  }
  const KEYS = {
    ArrowRight: () => step(1), ArrowLeft: () => step(-1),
    ArrowUp: () => go(at.line - 1, at.column), ArrowDown: () => go(at.line + 1, at.column),
    Enter: finish, Home: () => go(at.line, 0), End: () => go(at.line, columns.length - 1),
    Delete: () => { typed = ""; put(""); },
    Backspace: () => {
      if (typed) { typed = ""; ask(); } else if (lines[at.line].cells[at.column]) put(""); else step(-1);
    },
    Escape: () => { leave(-1); document.getElementById("entry-done").focus(); },
  };
  table.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || (event.ctrlKey && !["Home", "End"].includes(event.key))) return;
    if (event.key === "Tab") {
      const isEdge = event.shiftKey ? at.column === 0 && at.line === 0 : at.column === columns.length - 1 && at.line === lines.length - 1;
      if (isEdge) { leave(-1); return; }
      event.preventDefault();
      step(event.shiftKey ? -1 : 1);
    } else if (event.ctrlKey) {
      event.preventDefault();
      go(event.key === "Home" ? 0 : lines.length - 1, at.column);
    } else if (/^[0-9-]$/.test(event.key)) { event.preventDefault(); digit(event.key); }
    else if (KEYS[event.key]) { event.preventDefault(); KEYS[event.key](); }
  });

  window.addEventListener("online", () => lines.forEach((line) => { if (line.status === "unsaved") plan(line, 0); }));
  window.addEventListener("focus", () => lines.forEach((line) => { if (line.status === "unsaved") plan(line, 0); }));
  window.addEventListener("beforeunload", (event) => { if (lines.some((line) => !isStored(line))) event.preventDefault(); });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") lines.forEach((line) => { if (line.status === "saving") plan(line, 0); });
  });

  box.hidden = false;
  draw();
  lines.forEach(takeUnsaved);
  const first = lines.findIndex((line) => !line.finished);
  const start = first < 0 ? 0 : first;
  const blank = lines[start].cells.findIndex((each) => each === "");
  const last = lines[start].cells.reduce((found, each, n) => (each ? n + 1 : found), 0);
  go(start, isBlank(lines[start]) ? 0 : Math.min(Math.max(blank, last), columns.length - 1));
})();
