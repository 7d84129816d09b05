/* A page in the hands of an enrolled kiosk: it keeps answers itself, stays awake, and changes only when nobody is there. */
import * as store from "./store.js";
import * as queue from "./queue.js";
import * as heart from "./heart.js";
import * as panel from "./panel.js";
import { ask, register, update } from "./worker.js";

const LOOK_MS = 5000;
const root = document.documentElement, survey = window.survey;
const code = document.getElementById("app").dataset.device;
let orders = {}, isStopped = false;

main();

async function main() {
  lockDown();
  const device = await ours().catch(error => { console.error(error); return null; });
  if (!device) return survey.attach(null);
  orders = await store.read("orders") || {};
  isStopped = Boolean(await store.read("stopped")) || orders.state === "replaced";
  queue.start(device, sent);
  apply(orders);
  /* Whoever stands there may answer from here on: what waits for the network or the service worker comes after. */
  survey.attach({ keep: keep, began: began });
  survey.drawn = () => apply(orders);
  await register();
  panel.start(device, () => orders);
  heart.start(device, root.dataset.release, heard);
  setInterval(look, LOOK_MS);
  document.addEventListener("pointerdown", fillScreen);
  document.addEventListener("visibilitychange", stayAwake);
  stayAwake();
  await look();
  if (navigator.storage && navigator.storage.persist) await navigator.storage.persist();
}

/* This browser is the device only if it holds the key to this very page. */
async function ours() {
  if (!window.isSecureContext || !navigator.locks || !navigator.serviceWorker) return null;
  const device = await store.read("device");
  return device && device.code === code ? device : null;
}

/* ---- answers ---- */
function began() {
  store.change("counters", before => {
    const counters = Object.assign(store.noCounters(), before);
    counters.opened += 1;
    return counters;
  });
  heart.count("n_opened");
}

async function keep(record) {
  if (isStopped) throw new Error("stopped");
  await queue.keep(Object.assign({ is_trial: orders.state === "trial" }, record));
  heart.count("n_finished", orders.profile && orders.profile.hours);
}

/* The person is told of a network that is away as soon as an answer does not get through. */
function sent(status) {
  heart.state.isOnline = status !== 0;
  apply(orders);
  return look();
}

/* ---- what the office wants ---- */
async function heard(latest) {
  if (latest) orders = latest;
  apply(orders);
  await look();
  if (latest && heart.state.isOnline) await follow(latest.content || []);
}

function apply(wanted) {
  root.classList.toggle("is-offline", !heart.state.isOnline);
  root.classList.toggle("is-trial", wanted.state === "trial");
  const profile = wanted.profile;
  if (profile) {
    survey.timing.idle = profile.idle_seconds * 1000;
    survey.timing.idleFull = profile.idle_seconds_full * 1000;
    survey.timing.warning = profile.warning_seconds;
    survey.timing.keepsPartial = profile.keeps_partial;
  }
  const line = document.querySelector("[data-message]");
  line.textContent = wanted.message || "";
  line.hidden = !wanted.message;
}

/* Looked at every few seconds: whether the kiosk may go on, and whether something waits for a free moment. */
async function look() {
  const stopped = await store.read("stopped");
  const wasStopped = isStopped;
  isStopped = Boolean(stopped) || orders.state === "replaced";
  if (isStopped && survey.isFree()) survey.pause();
  else if (wasStopped && !isStopped) return location.reload();
  if (!survey.isFree()) return;
  if ((orders.n_reloads_asked || 0) > (await store.read("n_reloads") || 0)) {
    await store.write("n_reloads", orders.n_reloads_asked);
    return location.reload();
  }
  await changeOver();
}

/* Fetch what is new in the background, whole, beside what is shown now. */
async function follow(keys) {
  const kept = await ask("state");
  const wanted = kept.active === keys[0] ? keys[1] : keys[0];
  if (!wanted || (kept.staged && kept.staged.key === wanted)) return;
  await update();
  const response = await fetch("/k/" + code + "/content", { cache: "no-store", credentials: "omit" });
  if (!response.ok) return;
  const content = await response.json();
  if (kept.active !== content.key) await ask("stage", { key: content.key, urls: content.urls });
  else if (content.next) await ask("stage", content.next);
  await changeOver();
}

async function changeOver() {
  const kept = await ask("state");
  if (!kept.staged || kept.staged.begins_on > today() || !survey.isFree()) return;
  await ask("activate", { key: kept.staged.key });
  /* A page that was there before the service worker goes past it until it is loaded again. */
  if (kept.active || !navigator.serviceWorker.controller) location.reload();
}

/* The day at the office, by the kiosk's clock set right by what the server last said. */
function today() {
  const now = new Date(Date.now() - heart.state.skewMs);
  return [now.getFullYear(), ("0" + (now.getMonth() + 1)).slice(-2), ("0" + now.getDate()).slice(-2)].join("-");
}

/* ---- the device itself ---- */
function lockDown() {
  ["contextmenu", "dragstart", "selectstart"].forEach(kind => {
    document.addEventListener(kind, event => { if (event.target.id !== "comment") event.preventDefault(); });
  });
  document.addEventListener("keydown", event => {
    if ((event.ctrlKey || event.metaKey) && ["p", "s", "o", "u", "f"].includes(event.key.toLowerCase())) event.preventDefault();
  });
}

function fillScreen() {
  const wants = orders.profile && orders.profile.is_full_screen && !panel.isLeft();
  if (wants && root.requestFullscreen && !document.fullscreenElement) root.requestFullscreen().catch(() => {});
}

function stayAwake() {
  const wants = orders.profile && orders.profile.keeps_awake;
  if (wants && navigator.wakeLock && document.visibilityState === "visible") navigator.wakeLock.request("screen").catch(() => {});
}
