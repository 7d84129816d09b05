/* Tells the server how the kiosk is, and takes over what its office wants of it. */
import * as store from "./store.js";
import * as queue from "./queue.js";

const EVERY_MS = 30000, SEND_MS = 15000, DAYS_KEPT = 40;
export const state = { isOnline: true, heardAt: 0, skewMs: 0 };

let device = null, version = "", onOrders = () => {};

export function start(its, release, ordered) {
  device = its;
  version = release;
  onOrders = ordered;
  setInterval(beat, EVERY_MS);
  addEventListener("online", beat);
  addEventListener("offline", () => { state.isOnline = false; onOrders(null); });
  return beat();
}

export async function beat() {
  const body = await report();
  const abort = new AbortController(), timer = setTimeout(() => abort.abort(), SEND_MS);
  try {
    const response = await fetch("/k/" + device.code + "/heartbeat", {
      method: "POST", cache: "no-store", credentials: "omit", signal: abort.signal, body: JSON.stringify(body),
      headers: { "Content-Type": "application/json", Accept: "application/json", Authorization: "Device " + device.key }
    });
    if (response.status === 401 || response.status === 403) await store.write("stopped", response.status);
    else if (!response.ok) throw new Error(String(response.status));
    else {
      const orders = await response.json();
      state.skewMs = Date.now() - Date.parse(orders.now);
      await store.write("orders", orders);
      if (await store.read("stopped")) await store.write("stopped", 0);
    }
    if (!state.isOnline) queue.hurry();
    state.isOnline = true;
    state.heardAt = Date.now();
  } catch (error) {
    state.isOnline = false;
  } finally {
    clearTimeout(timer);
  }
  onOrders(await store.read("orders"));
}

async function report() {
  const counters = Object.assign(store.noCounters(), await store.read("counters"));
  const battery = navigator.getBattery ? await navigator.getBattery().catch(() => null) : null;
  const storage = navigator.storage && navigator.storage.estimate ? await navigator.storage.estimate() : {};
  const isPersistent = navigator.storage && navigator.storage.persisted ? await navigator.storage.persisted() : false;
  return Object.assign(await queue.standing(), {
    app_version: version, n_opened: counters.opened, n_finished: counters.finished, n_sent: counters.sent,
    battery_percent: battery ? Math.round(battery.level * 100) : null, is_charging: battery ? battery.charging : null,
    storage_percent: storage.quota ? Math.min(100, Math.round(100 * storage.usage / storage.quota)) : null,
    is_storage_persistent: isPersistent, client_now: new Date().toISOString(), days: await days()
  });
}

/* ---- what is counted on each of the kiosk's days, apart from any answer ---- */
const dayOf = time => [time.getFullYear(), time.getMonth() + 1, time.getDate()].join("-");

export function count(what, hours) {
  const now = new Date();
  return store.change("days", before => {
    const all = before || {};
    const day = Object.assign({ n_opened: 0, n_finished: 0, n_morning: 0, n_afternoon: 0, n_after_hours: 0 }, all[dayOf(now)]);
    day[what] += 1;
    if (what === "n_finished") {
      day[now.getHours() < 12 ? "n_morning" : "n_afternoon"] += 1;
      if (hours && !isOpen(hours, now)) day.n_after_hours += 1;
    }
    all[dayOf(now)] = day;
    const kept = {};
    Object.keys(all).filter(key => age(key, now) <= DAYS_KEPT).forEach(key => { kept[key] = all[key]; });
    return kept;
  });
}

function isOpen(hours, now) {
  const minute = ("0" + now.getHours()).slice(-2) + ":" + ("0" + now.getMinutes()).slice(-2);
  return hours[(now.getDay() + 6) % 7].some(span => span[0] <= minute && minute < span[1]);
}

function age(key, now) {
  const parts = key.split("-").map(Number);
  return Math.round((new Date(now.getFullYear(), now.getMonth(), now.getDate()) - new Date(parts[0], parts[1] - 1, parts[2])) / 86400000);
}

async function days() {
  const all = await store.read("days") || {}, now = new Date();
  return Object.keys(all).map(key => Object.assign({ age_days: age(key, now) }, all[key]))
    .filter(day => day.age_days >= 0 && day.age_days < DAYS_KEPT).slice(-DAYS_KEPT);
}
