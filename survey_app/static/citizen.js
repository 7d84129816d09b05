/* The citizen's screens as one page: nothing is kept but in memory, one record is sent, and the next person starts clean. */
(function () {
  "use strict";
  const root = document.documentElement;
  const START = { url: location.href, classes: root.className };
  const IS_KIOSK = root.classList.contains("kiosk");
  const THANKS_MS = 6000, SEND_MS = 15000, PROVE_MS = 60000, UNKNOWN_MS = 3000, RETRY_MS = 20000, DOUBLE_TAP_MS = 350;
  const DIMENSIONS = ["stage", "field", "capacity", "assisted_by", "residence", "is_proxy"];
  const TONES = { very_satisfied: "good", satisfied: "good", dissatisfied: "bad", very_dissatisfied: "bad", not_satisfied: "bad" };

  /* Seconds of warning, milliseconds of waiting; an enrolled kiosk has its own. */
  const timing = { idle: 30000, idleFull: 60000, warning: 20, keepsPartial: true };

  let app = document.getElementById("app");
  /* An enrolled kiosk keeps answers itself and sends them in its own time: it attaches itself, or says that it is none. */
  let attach = () => {}, isKept = false;
  const keeper = app.dataset.device ? new Promise(resolve => { attach = resolve; }) : Promise.resolve(null);
  keeper.then(kiosk => { isKept = !!kiosk; });
  START.lang = app.dataset.lang;
  /* In another language the same form stays. */
  if (app.dataset.which) START.url = withForm(app.dataset.which);
  let form = null;
  let state = fresh();
  let idleTimer = 0, graceTimer = 0, thanksTimer = 0, lastEnd = 0, changedAt = 0;
  const outbox = [];
  /* The browser's names for a disk that takes no more. */
  const STOPS = ["QuotaExceededError"];

  const all = (selector, within) => Array.from((within || app).querySelectorAll(selector));
  const one = (selector, within) => (within || app).querySelector(selector);
  const screenOf = name => one('[data-screen="' + name + '"]');
  const say = text => { one("[data-live]").textContent = text; };

  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = Array.from(bytes, byte => (byte + 256).toString(16).slice(1)).join("");
    return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
  }

  /* Everything known of the person in front of the screen. */
  function fresh() {
    return {
      id: uuid(), screen: "question", trail: [], answers: {}, chosen: {}, visit: {}, reached: ["overall"], comment: "",
      polarity: "", isFull: false, began: 0, ended: false, isSending: false, first: false, body: null
    };
  }

  /* Buckets, not times: 1 is under 5 s (10 s between two people), 5 the longest; 0 is not known. */
  function bucket(ms, edges) {
    return ms > 0 ? 1 + edges.filter(seconds => ms >= seconds * 1000).length : 0;
  }

  /* What was answered, without anything of when and how it is sent. */
  function content(parts) {
    const answers = {};
    const wantsFirst = parts.includes(1), wantsRest = parts.includes(2);
    Object.keys(state.answers).forEach(code => {
      if (code === "overall" ? wantsFirst : wantsRest) answers[code] = state.answers[code];
    });
    if (wantsRest) {
      Object.keys(state.chosen).forEach(code => { if (state.chosen[code].length) answers[code] = state.chosen[code].slice().sort(); });
    }
    return {
      id: state.id, token: app.dataset.token, lang: app.dataset.lang, parts: parts, answers: answers,
      dimensions: Object.assign({ stage: app.dataset.stage, field: app.dataset.field }, state.visit),
      comment: wantsRest ? state.comment.trim() : "", polarity: state.polarity || TONES[state.answers.overall] || "neutral",
      reached: wantsRest ? state.reached : ["overall"], is_complete: state.isFull ? !nextScreen() : true,
      duration_bucket: bucket(Date.now() - state.began, [5, 15, 60, 300]), gap_bucket: lastEnd ? bucket(state.began - lastEnd, [10, 45, 120, 600]) : 0,
      ticket: app.dataset.ticket || null
    };
  }

  function record(parts) {
    const now = new Date().toISOString();
    return JSON.stringify(Object.assign(content(parts), { client_time: now, client_now: now }));
  }

  function hasMore() {
    return state.comment.trim() !== "" || state.reached.length > 2 || Object.keys(state.visit).length > 0 ||
      Object.keys(state.chosen).some(code => state.chosen[code].length);
  }

  /* The very same bytes go again with the work that a flooded server asks for, or once nobody knows whether they were stored. */
  function post(body) {
    return transmit(body).then(result => {
      const challenge = result.status === 429 && result.answer.challenge;
      if (challenge) return prove(challenge).then(proof => transmit(body, proof), () => result);
      if (result.answer.status !== "outcome_unknown") return result;
      return new Promise(resolve => setTimeout(resolve, UNKNOWN_MS)).then(() => transmit(body));
    });
  }

  function prove(challenge) {
    return new Promise((resolve, reject) => {
      const worker = new Worker(app.dataset.solver);
      const end = settle => event => { clearTimeout(timer); worker.terminate(); settle(event && event.data); };
      const timer = setTimeout(end(reject), PROVE_MS);
      worker.onmessage = end(resolve);
      worker.onerror = end(reject);
      worker.postMessage(challenge);
    });
  }

  function transmit(body, proof) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), SEND_MS);
    return fetch(app.dataset.post, {
      method: "POST", body: body, keepalive: body.length < 60000, credentials: "omit", cache: "no-store", signal: abort.signal,
      headers: Object.assign({ "Content-Type": "application/json", Accept: "application/json" }, proof ? { "Survey-Proof": proof } : {})
    }).then(response => response.json().catch(() => ({})).then(answer => ({ status: response.status, answer: answer })))
      .catch(() => ({ status: 0, answer: {} })).then(result => { clearTimeout(timer); return result; });
  }

  const isStored = result => result.status === 200 || result.status === 201;

  /* ---- sending ---- */
  function finish() {
    if (state.isSending || state.ended) return;
    readComment();
    state.isSending = true;
    app.setAttribute("aria-busy", "true");
    keeper.then(kiosk => kiosk ? keep(kiosk) : send()).then(result => {
      state.isSending = false;
      app.removeAttribute("aria-busy");
      if (isStored(result)) return thank(result.answer.receipt);
      refuse(result);
    });
  }

  /* A retry sends the very same bytes; a first part stored while the page was hidden is recognised by its id. */
  function send() {
    state.body = state.body || record([1, 2]);
    return post(state.body);
  }

  /* Kept is thanked for: it lies on the kiosk's disk and is sent until it is acknowledged. */
  function keep(kiosk) {
    return kiosk.keep(content([1, 2])).then(() => ({ status: 201, answer: {} }), error => ({ status: STOPS.includes(error.name) || error.message === "stopped" ? 403 : 0, answer: {} }));
  }

  function refuse(result) {
    const status = result.status;
    let name = IS_KIOSK || status === 0 ? "unsaved" : "busy";
    if (status === 409) name = "conflict";
    else if (status === 401 || status === 403 || status === 404 || status === 410) name = "paused";
    else if (status >= 400 && status < 500 && status !== 408 && status !== 429) name = "invalid";
    if (name === "invalid") state.body = null;
    const detail = one("[data-detail]", screenOf(name));
    detail.textContent = name === "invalid" && result.answer.message || "";
    detail.hidden = !detail.textContent;
    show(name);
  }

  function thank(receipt) {
    state.ended = true;
    lastEnd = Date.now();
    const output = one("[data-receipt]");
    if (output) output.textContent = receipt || "";
    show("thanks");
    if (IS_KIOSK) thanksTimer = setTimeout(reset, THANKS_MS);
  }

  /* Leaving or hiding the page: the first answer is kept even if the person never comes back. */
  function leave(isFinal) {
    if (isKept || !state.answers.overall || state.ended || state.isSending) return;
    readComment();
    if (!state.first) {
      state.first = true;
      post(record([1]));
      all('[data-screen="reasons"] [data-do=back]').forEach(button => { button.hidden = true; });
    }
    if (isFinal && hasMore()) {
      navigator.sendBeacon(app.dataset.post, new Blob([state.body || record([1, 2])], { type: "application/json" }));
      state.ended = true;
    }
  }

  /* ---- screens ---- */
  function show(name, isBack) {
    if (!isBack && state.screen !== name && !isState(name)) {
      state.trail.push(state.screen);
      if (!IS_KIOSK && state.trail.length === 1) history.pushState(null, "");
    }
    state.screen = name;
    changedAt = Date.now();
    all("[data-screen]").forEach(screen => { screen.hidden = screen.dataset.screen !== name; });
    one(".menu").open = false;
    const screen = screenOf(name);
    refresh(screen, name);
    window.scrollTo(0, 0);
    const heading = one(".ask", screen);
    if (heading) heading.focus({ preventScroll: true });
    if (window.readAloud) readAloud.stop();
    wake();
  }

  const isState = name => ["thanks", "busy", "unsaved", "conflict", "invalid", "paused"].includes(name);

  /* Draw what the person has said so far; the screens themselves never change. */
  function refresh(screen, name) {
    const code = name === "question" ? "overall" : name;
    all("button[name]", screen).forEach(button => {
      const own = plain(button.name), value = DIMENSIONS.includes(own) ? state.visit[own] : state.answers[own];
      button.setAttribute("aria-pressed", String(value === button.value));
    });
    all("input[type=checkbox]", screen).forEach(box => {
      box.checked = (state.chosen[plain(box.name)] || []).includes(box.value);
    });
    const skip = one(".skip", screen);
    if (skip) skip.hidden = screen.dataset.kind === "satisfaction" && state.answers[code] === undefined || !!one(".main", screen);
    if (name === "reasons") {
      const tone = TONES[state.answers.overall] || "neutral";
      one(".reasons", screen).dataset.tone = tone;
      const picked = one(".pick-" + (state.polarity || tone), screen);
      picked.checked = true;
      one("[data-do=proxy]", screen).setAttribute("aria-pressed", String(state.visit.is_proxy === "yes"));
    }
    const number = one("[data-number]", screen);
    if (number) {
      const asked = relevant().filter(other => one("[data-number]", other));
      number.textContent = number.dataset.number.replace("{i}", asked.indexOf(screen) + 1).replace("{n}", asked.length);
    }
    if (DIMENSIONS.includes(name) === false && !isState(name) && name !== "comment" && name !== "helper" && !state.reached.includes(code)) state.reached.push(code);
    if (name === "comment") { one("#comment").value = state.comment; count(); }
  }

  const plain = name => name.replace("[]", "");

  function relevant() {
    const stage = state.visit.stage || app.dataset.stage || "unknown";
    const gone = [];
    return all(".full").filter(screen => {
      const isAsked = (!screen.dataset.stages || screen.dataset.stages.split(" ").includes(stage)) && follows(screen.dataset.if, gone);
      if (!isAsked) gone.push(screen.dataset.screen);
      return isAsked;
    });
  }

  /* Every earlier question was asked and had one of these answers, as the server finds for itself again. */
  function follows(rule, gone) {
    return !rule || rule.split(";").every(part => {
      const code = part.split("=")[0], wanted = part.split("=")[1].split(" ");
      return !gone.includes(code) && wanted.some(value => state.answers[code] === value || (state.chosen[code] || []).includes(value));
    });
  }

  function nextScreen() {
    const screens = relevant();
    const at = screens.findIndex(screen => screen.dataset.screen === state.screen);
    return screens[at + 1];
  }

  function forward() {
    const next = nextScreen();
    if (next) show(next.dataset.screen);
    else finish();
  }

  function back() {
    readComment();
    const last = state.trail.pop();
    if (last) show(last, true);
  }

  /* The phone's own back key goes one screen back, and leaves the page from the first one. */
  function onHistory() {
    if (state.ended || !state.trail.length) return;
    if (state.first && state.trail.length === 1) return;
    back();
    if (state.trail.length) history.pushState(null, "");
  }

  function openFull() {
    state.isFull = true;
    const first = () => show(relevant()[0].dataset.screen);
    if (form) return first();
    fetchForm().then(first, () => { state.isFull = false; refuse({ status: 0, answer: {} }); });
  }

  function fetchForm() {
    return fetch(app.dataset.form, { credentials: "omit" }).then(response => {
      if (!response.ok) throw new Error("form");
      return response.text();
    }).then(text => {
      form = text;
      screenOf("thanks").insertAdjacentHTML("beforebegin", text);
    });
  }

  /* ---- taps ---- */
  function choose(button) {
    const code = plain(button.name), screen = button.closest("[data-screen]");
    if (!state.began) {
      state.began = Date.now();
      keeper.then(kiosk => { if (kiosk) kiosk.began(); });
    }
    if (DIMENSIONS.includes(code)) state.visit[code] = button.value;
    else state.answers[code] = button.value;
    state.body = null;
    all("button[name]", screen).forEach(other => other.setAttribute("aria-pressed", String(other === button)));
    if (code === "overall") { state.polarity = ""; show("reasons"); }
    else setTimeout(() => {
      if (screen.hidden) return;
      if (screenOf(code) === screen) forward();
      else back();
    }, 160);
  }

  function tick(box) {
    const code = plain(box.name), most = Number(box.closest("[data-screen]").dataset.max || 0);
    const chosen = state.chosen[code] || (state.chosen[code] = []);
    if (!box.checked) chosen.splice(chosen.indexOf(box.value), 1);
    else if (most && chosen.length >= most) box.checked = false;
    else chosen.push(box.value);
    state.body = null;
    if (most) {
      const isFull = chosen.length >= most;
      all("input[type=checkbox]", box.closest(".chips")).forEach(other => { other.disabled = isFull && !other.checked; });
    }
  }

  function readComment() {
    const area = one("#comment");
    if (!area) return;
    if (area.value !== state.comment) state.body = null;
    state.comment = area.value;
  }

  function count() {
    const area = one("#comment"), counter = one("[data-count]");
    const left = String(area.maxLength - area.value.length).replace(/\B(?=(\d{3})+$)/g, root.lang === "vi" ? "." : ",");
    counter.textContent = counter.dataset.left.replace("{n}", left);
  }

  /* Somebody who answers for another says so with one tap, and who handles the screen with a second. */
  function answerFor(isAnother) {
    state.body = null;
    if (isAnother) {
      state.visit.is_proxy = "yes";
      return show("helper");
    }
    delete state.visit.is_proxy;
    delete state.visit.assisted_by;
    back();
  }

  const doing = {
    proxy: () => answerFor(true), myself: () => answerFor(false),
    done: finish, retry: finish, comment: () => show("comment"), full: openFull, forward: forward, back: back, next: reset,
    stay: wake, leave: endByIdle
  };

  /* ---- the next person ---- */
  function reset() {
    clearTimeout(thanksTimer);
    if (IS_KIOSK) root.className = START.classes;
    state = fresh();
    clearFields();
    paintTools();
    say("");
    show("question", true);
    if (redraw()) return;
    if (IS_KIOSK && (app.dataset.lang !== START.lang || hasPictures(app) !== wantsPictures())) swapPage(START.lang, wantsPictures());
  }

  function withForm(which) {
    const url = new URL(START.url);
    url.searchParams.set("b", which);
    return url.href;
  }

  /* Where a wave has two forms, chance gives each person one of them; true if the page has to change for it. */
  function redraw() {
    if (!app.dataset.share) return false;
    const drawn = crypto.getRandomValues(new Uint32Array(1))[0] / 4294967296 < Number(app.dataset.share) ? "2" : "1";
    if (drawn === app.dataset.which) return false;
    const before = START.url;
    START.url = withForm(drawn);
    /* Nobody's form changes once they have begun: then, or without a network, the one that is there stays. */
    swapPage(START.lang, wantsPictures(), () => !state.began).then(() => { if (app.dataset.which !== drawn) START.url = before; });
    return true;
  }

  /* A browser that restores fields, or the person before, leaves nothing behind. */
  function clearFields() {
    all("input[type=checkbox]").forEach(box => { box.checked = false; box.disabled = false; });
    all("details").forEach(details => { details.open = false; });
    all("[data-do=back]").forEach(button => { button.hidden = false; });
    const area = one("#comment"), output = one("[data-receipt]");
    if (area) area.value = "";
    if (output) output.textContent = "";
  }

  /* ---- idle, at a kiosk only ---- */
  function wake() {
    clearTimeout(idleTimer);
    clearInterval(graceTimer);
    const dialog = one("dialog");
    if (dialog && dialog.open) dialog.close();
    if (!IS_KIOSK || state.screen === "thanks" || (state.screen === "question" && !state.began)) return;
    idleTimer = setTimeout(warn, state.isFull ? timing.idleFull : timing.idle);
  }

  function warn() {
    const dialog = one("dialog"), words = one("[data-seconds]", dialog);
    let left = timing.warning;
    const tell = () => { words.textContent = words.dataset.seconds.replace("{n}", left); };
    tell();
    one(".timer div", dialog).style.animationDuration = timing.warning + "s";
    dialog.showModal();
    graceTimer = setInterval(() => {
      left -= 1;
      tell();
      if (left <= 0) endByIdle();
    }, 1000);
  }

  /* The person has gone: what was answered is sent, again and again from memory if the network is away. */
  function endByIdle() {
    clearInterval(graceTimer);
    readComment();
    if (state.answers.overall && !state.ended && timing.keepsPartial) {
      const partial = content([1, 2]), body = state.body || record([1, 2]);
      keeper.then(kiosk => kiosk ? kiosk.keep(partial) : outbox.push(body)).then(flush);
      lastEnd = Date.now();
    }
    reset();
  }

  function flush() {
    outbox.splice(0).forEach(body => post(body).then(result => {
      if (result.status === 0 || result.status === 429 || result.status >= 500) outbox.push(body);
    }));
  }

  /* ---- the bar ---- */
  function paintTools() {
    all("[data-size]").forEach(tool => tool.setAttribute("aria-pressed", String(root.classList.contains("size-" + tool.dataset.size))));
    all("[data-contrast]").forEach(tool => tool.setAttribute("aria-pressed", String(root.classList.contains("contrast"))));
    all("[data-seat]").forEach(tool => tool.setAttribute("aria-pressed", String(root.classList.contains("seat"))));
    one(".tool[data-listen]").hidden = !("heard" in app.dataset) && !voice();
  }

  function tool(target) {
    if (target.dataset.size) {
      root.classList.remove("size-1", "size-2", "size-3");
      root.classList.add("size-" + target.dataset.size);
    } else if (target.hasAttribute("data-contrast")) root.classList.toggle("contrast");
    else if (target.hasAttribute("data-seat")) root.classList.toggle("seat");
    else if (target.hasAttribute("data-restart")) return reset();
    else if (target.hasAttribute("data-listen")) return listen();
    else if (target.hasAttribute("data-pictures")) return swapPage(app.dataset.lang, !wantsPictures());
    else if (target.dataset.lang) return swapPage(target.dataset.lang, wantsPictures());
    paintTools();
  }

  const wantsPictures = () => root.classList.contains("pictures-only");
  const hasPictures = page => one("[data-pictures]", page).getAttribute("aria-pressed") === "true";

  /* Another language, or pictures for words, keeps the answers: the same page is fetched so and takes the place of this one. */
  function swapPage(lang, inPictures, mayChange) {
    const url = new URL(START.url);
    url.searchParams.set("lang", lang);
    url.searchParams.set("pictures", inPictures ? "1" : "");
    readComment();
    if (window.readAloud) readAloud.stop();
    return fetch(url, { credentials: "omit", cache: "no-store" }).then(response => {
      if (!response.ok) throw new Error("page");
      return response.text();
    }).then(text => {
      if (mayChange && !mayChange()) throw new Error("begun");
      const page = new DOMParser().parseFromString(text, "text/html");
      app.replaceWith(document.importNode(page.getElementById("app"), true));
      app = document.getElementById("app");
      root.lang = page.documentElement.lang;
      root.classList.toggle("pictures-only", inPictures);
      document.title = page.title;
      const hadForm = form;
      form = null;
      listenTo(app);
      return hadForm ? fetchForm() : null;
    }).then(() => {
      paintTools();
      show(state.screen, true);
      if (window.survey.drawn) window.survey.drawn();
      /* Who chooses a language that is only spoken cannot read what is written. */
      if ("spoken" in app.dataset && lang !== START.lang) listen();
    }, () => { one(".menu").open = false; });
  }

  function voice() {
    if (!window.speechSynthesis) return null;
    return speechSynthesis.getVoices().find(one => one.lang.toLowerCase().startsWith(root.lang));
  }

  /* What reads aloud comes only when somebody asks for it. */
  function listen() {
    if (window.readAloud) return readAloud.toggle(app, screenOf(state.screen), wake);
    const script = document.createElement("script");
    script.src = app.dataset.listen;
    script.addEventListener("load", listen);
    document.head.appendChild(script);
  }

  /* ---- wiring ---- */
  function listenTo(element) {
    element.addEventListener("click", event => {
      const target = event.target.closest("button, a");
      if (!target) return;
      const isTool = target.classList.contains("tool");
      if (isTool || target.dataset.do || target.name) event.preventDefault();
      if (isTool) return tool(target);
      /* The second half of a double tap falls on the next screen and means nothing there. */
      if (event.detail > 1 && Date.now() - changedAt < DOUBLE_TAP_MS) return;
      if (target.dataset.do) doing[target.dataset.do]();
      else if (target.name) choose(target);
    });
    element.addEventListener("change", event => {
      if (event.target.type === "checkbox") tick(event.target);
      if (event.target.name === "polarity") state.polarity = event.target.value;
    });
    element.addEventListener("input", event => { if (event.target.id === "comment") count(); });
    element.addEventListener("submit", event => event.preventDefault());
    element.addEventListener("keydown", event => {
      if (event.key === " " && event.target.getAttribute("role") === "button") { event.preventDefault(); event.target.click(); }
    });
    const dialog = one("dialog", element);
    if (dialog) dialog.addEventListener("cancel", event => { event.preventDefault(); wake(); });
  }

  ["pointerdown", "keydown", "scroll"].forEach(kind => document.addEventListener(kind, event => {
    if (!event.target.closest || !event.target.closest("dialog")) wake();
  }, { passive: true }));
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leave(false); });
  window.addEventListener("pagehide", () => leave(true));
  window.addEventListener("pageshow", event => { if (event.persisted) location.reload(); });
  window.addEventListener("popstate", onHistory);
  window.addEventListener("online", flush);
  setInterval(flush, RETRY_MS);
  if (window.speechSynthesis) speechSynthesis.addEventListener("voiceschanged", paintTools);

  window.survey = {
    attach: attach, timing: timing, drawn: null,
    isFree: () => !state.began && (state.screen === "question" || state.screen === "paused"), pause: () => { if (state.screen !== "paused") show("paused", true); }
  };

  listenTo(app);
  clearFields();
  paintTools();
})();
