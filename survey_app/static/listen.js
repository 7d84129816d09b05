/* Reads the screen aloud, part by part, each marked while it is heard. Loaded when somebody first asks for it. */
(function () {
  "use strict";
  const READ = ".ask, .lead, .hint, .tab, .word, .none, .main, .quiet, .note, .anonymity";
  const LAST = ".anonymity, .note";
  const LONGEST_SPEECH_MS = 30000;
  const player = new Audio();
  let reading = 0;
  let isReading = false;
  let app = null;
  let known = { url: "", voices: [] };

  const plain = text => text.replace(/\s+/g, " ").trim();
  const clear = () => document.querySelectorAll(".reading").forEach(part => part.classList.remove("reading"));
  const say = words => { app.querySelector("[data-voice]").textContent = words || ""; };

  function press(isOn) {
    isReading = isOn;
    app.querySelector(".tool[data-listen]").setAttribute("aria-pressed", String(isOn));
  }

  /* A second tap stops; so does another screen. */
  function stop() {
    reading += 1;
    player.pause();
    if (window.speechSynthesis) speechSynthesis.cancel();
    if (!app) return;
    clear();
    press(false);
    say("");
  }

  function toggle(page, screen, onPart) {
    const wasReading = isReading && app === page;
    if (app) stop();
    app = page;
    if (wasReading) return;
    const mine = ++reading;
    press(true);
    voices().then(found => readAll(parts(screen), found, mine, onPart));
  }

  /* The question first, then answers and buttons as they stand, then the small print. */
  function parts(screen) {
    const rank = part => part.matches(".ask") ? 0 : part.matches(LAST) ? 2 : 1;
    const shown = Array.from(screen.querySelectorAll(READ)).filter(part => part.getClientRects().length);
    shown.sort((one, other) => rank(one) - rank(other));
    return shown.reduce((all, element) => all.concat(words(element).map(text => ({ element: element, text: text }))), []);
  }

  /* What a heading says in small type is a text of its own. */
  function words(element) {
    const copy = element.cloneNode(true);
    const small = Array.from(copy.querySelectorAll("small"));
    small.forEach(part => part.remove());
    return [copy].concat(small).map(part => plain(part.textContent)).filter(text => text);
  }

  /* Recordings of the chosen language, then of the language in its place; without a connection voices alone. */
  function voices() {
    const url = app.dataset.audio;
    if (known.url === url) return Promise.resolve(known.voices);
    const silent = Array.from(new Set([app.dataset.lang, document.documentElement.lang]))
      .map(lang => ({ lang: lang, office: {}, generated: {} }));
    return fetch(url, { credentials: "omit" }).then(response => {
      if (!response.ok) throw new Error("audio");
      return response.json();
    }).then(answer => {
      known = { url: url, voices: answer.voices };
      return known.voices;
    }).catch(() => silent);
  }

  /* Every way to say a text, the best first. */
  function ways(text, found) {
    return found.reduce((all, voice, place) => {
      const speaker = speakerOf(voice.lang);
      return all.concat([
        voice.office[text] && { play: voice.office[text], place: place },
        speaker && { speaker: speaker, place: place },
        voice.generated[text] && { play: voice.generated[text], place: place }
      ]);
    }, []).filter(way => way && (way.speaker || canPlay(way.play)));
  }

  function speakerOf(lang) {
    return window.speechSynthesis && speechSynthesis.getVoices().find(one => one.lang.toLowerCase().split(/[-_]/)[0] === lang);
  }

  const canPlay = address => player.canPlayType(address.endsWith(".ogg") ? "audio/ogg" : "audio/mpeg") !== "";

  function readAll(all, found, mine, onPart) {
    let isHeard = false;
    const next = at => {
      if (mine !== reading) return;
      if (at === all.length) return end();
      mark(all[at].element);
      onPart();
      attempt(ways(all[at].text, found), all[at].text, mine).then(way => {
        if (mine !== reading) return;
        isHeard = isHeard || !!way;
        if (way && way.place) say(app.querySelector("[data-voice]").dataset.missing);
        next(at + 1);
      });
    };
    const end = () => {
      const status = app.querySelector("[data-voice]"), notice = isHeard ? status.textContent : status.dataset.unread;
      stop();
      say(notice);
    };
    next(0);
  }

  function mark(element) {
    clear();
    const whole = element.closest(".tile, .chip") || element;
    whole.classList.add("reading");
    whole.scrollIntoView({ block: "nearest" });
  }

  /* The first way that works; a recording that cannot be fetched gives way to the next one. */
  function attempt(all, text, mine) {
    if (!all.length || mine !== reading) return Promise.resolve(null);
    const way = all[0];
    if (way.place) say(app.querySelector("[data-voice]").dataset.missing);
    return (way.play ? play(way.play) : speak(way.speaker, text)).then(() => way, () => attempt(all.slice(1), text, mine));
  }

  function play(address) {
    return new Promise((resolve, reject) => {
      player.onended = resolve;
      player.onerror = reject;
      player.src = "/audio/" + address;
      player.play().catch(reject);
    });
  }

  function speak(speaker, text) {
    return new Promise((resolve, reject) => {
      const speech = new SpeechSynthesisUtterance(text);
      /* Some phones never say that they have ended. */
      const timer = setTimeout(resolve, LONGEST_SPEECH_MS);
      speech.voice = speaker;
      speech.lang = speaker.lang;
      speech.onend = () => { clearTimeout(timer); resolve(); };
      speech.onerror = () => { clearTimeout(timer); reject(new Error("speech")); };
      speechSynthesis.speak(speech);
    });
  }

  window.readAloud = { toggle: toggle, stop: stop };
})();
