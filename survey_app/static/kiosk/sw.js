/* Keeps a kiosk's pages for days without a network. Only reads pass through here; what sends is left alone. */
"use strict";
const SHELL_CACHE = "shell-" + self.RELEASE;
const STATE = "/k/state";
const LIVE = /\/(heartbeat|content)$/;

/* A new release of this script waits until the kiosk is next started: what is shown does not depend on it, since pages
   and scripts are kept by their content. */
self.addEventListener("install", event => { event.waitUntil(fill(SHELL_CACHE, self.SHELL)); });

self.addEventListener("activate", event => {
  event.waitUntil(drop(name => name.startsWith("shell-") && name !== SHELL_CACHE).then(() => self.clients.claim()));
});

self.addEventListener("fetch", event => {
  const request = event.request, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin || LIVE.test(url.pathname)) return;
  event.respondWith(find(request, url));
});

/* The page says what to keep and when to change over; nothing changes under a form that somebody is filling in. */
self.addEventListener("message", event => {
  const work = { stage: stage, activate: activate, state: readState }[event.data.do];
  if (!work) return;
  event.waitUntil(work(event.data).then(
    result => event.ports[0].postMessage({ result: result }),
    error => event.ports[0].postMessage({ error: String(error) })
  ));
});

async function find(request, url) {
  const state = await readState();
  const isPage = url.pathname.startsWith("/k/");
  for (const name of [state.active && contentCache(state.active), SHELL_CACHE]) {
    const kept = name && await (await caches.open(name)).match(isPage ? pageKey(url) : request, { ignoreSearch: !isPage });
    if (kept) return kept;
  }
  try {
    return await fetch(request);
  } catch (error) {
    if (request.mode !== "navigate") throw error;
    return (await (await caches.open(SHELL_CACHE)).match("/k/")) || Response.error();
  }
}

/* A page is kept by its language, by whether pictures stand for words and, where a wave has two forms, by which of them
   it asks: the rest is chosen on it, a later day is what it will be then. */
function pageKey(url) {
  return url.pathname === "/k/" || !/^\/k\/[^/.]+(\/form|\/audio)?$/.test(url.pathname)
    ? url.pathname
    : url.pathname + "?lang=" + (url.searchParams.get("lang") || "vi") + (url.searchParams.get("pictures") ? "&pictures=1" : "")
      + (url.searchParams.get("b") ? "&b=" + url.searchParams.get("b") : "");
}

async function stage(asked) {
  const state = await readState();
  const name = contentCache(asked.key);
  if (state.active !== asked.key && !(state.staged && state.staged.key === asked.key && state.staged.whole)) await fill(name, asked.urls);
  if (state.active === asked.key) return state;
  state.staged = { key: asked.key, begins_on: asked.begins_on || "", whole: true };
  return writeState(state);
}

async function activate(asked) {
  const state = await readState();
  if (state.staged && state.staged.key === asked.key) {
    state.active = asked.key;
    state.staged = null;
    await writeState(state);
  }
  const kept = [state.active, state.staged && state.staged.key].filter(Boolean).map(contentCache);
  await drop(name => name.startsWith("content-") && !kept.includes(name));
  return state;
}

async function fill(name, urls) {
  const cache = await caches.open(name);
  await Promise.all(urls.map(async text => {
    const url = new URL(text, location.origin);
    const response = await fetch(new Request(url, { cache: "no-store", credentials: "omit" }));
    if (!response.ok) throw new Error(url.pathname + " " + response.status);
    await cache.put(url.pathname.startsWith("/k/") ? pageKey(url) : url.href, response);
  }));
}

async function drop(isOld) {
  const names = await caches.keys();
  await Promise.all(names.filter(isOld).map(name => caches.delete(name)));
}

const contentCache = key => "content-" + key;

async function readState() {
  const kept = await (await caches.open("state")).match(STATE);
  return kept ? kept.json() : { active: "", staged: null };
}

async function writeState(state) {
  await (await caches.open("state")).put(STATE, new Response(JSON.stringify(state)));
  return state;
}
