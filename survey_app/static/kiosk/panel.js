/* What only the office's people see, behind a PIN and five taps in the corner: how the kiosk stands, and ways out. */
import * as store from "./store.js";
import * as queue from "./queue.js";
import * as heart from "./heart.js";

const CORNER = 96, TAPS = 5, TAPS_MS = 4000, ROUNDS = 100000, PIN_WAIT_MS = 30000, PIN_TRIES = 5;
const pinDialog = document.getElementById("pin"), dialog = document.getElementById("panel");
let device = null, ordersNow = null, taps = [], typed = "", tries = 0, lockedUntil = 0, hasLeft = false;

export const isLeft = () => hasLeft;

export function start(its, orders) {
  device = its;
  ordersNow = orders;
  document.addEventListener("pointerdown", event => {
    if (event.clientX > CORNER || event.clientY > CORNER) { taps = []; return; }
    taps = taps.filter(at => performance.now() - at < TAPS_MS).concat(performance.now());
    if (taps.length >= TAPS) { taps = []; askPin(); }
  });
  pinDialog.addEventListener("click", event => {
    const key = event.target.closest("button");
    if (key) press(key.value);
  });
  pinDialog.addEventListener("keydown", event => { if (/^[0-9]$/.test(event.key) || event.key === "Backspace") press(event.key); });
  dialog.addEventListener("click", event => {
    const button = event.target.closest("button");
    if (button) doing[button.value]();
  });
}

/* ---- PIN ---- */
function askPin() {
  const profile = ordersNow().profile;
  if (!profile || !profile.pin_hash) return open();
  type("");
  pinDialog.showModal();
}

function press(key) {
  if (key === "close") return pinDialog.close();
  if (performance.now() < lockedUntil) return;
  if (key === "ok") return checkPin();
  type(key === "Backspace" ? typed.slice(0, -1) : (typed + key).slice(0, 8));
}

function type(text) {
  typed = text;
  pinDialog.querySelector("output").textContent = "•".repeat(typed.length);
}

async function checkPin() {
  const profile = ordersNow().profile, given = typed;
  type("");
  if (await digest(given, profile.pin_salt) === profile.pin_hash) {
    tries = 0;
    pinDialog.close();
    return open();
  }
  tries += 1;
  if (tries >= PIN_TRIES) { tries = 0; lockedUntil = performance.now() + PIN_WAIT_MS; pinDialog.close(); }
}

async function digest(pin, salt) {
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: bytesOf(salt), iterations: ROUNDS }, key, 256);
  return hexOf(new Uint8Array(bits));
}

/* ---- the panel ---- */
async function open() {
  await fill();
  if (!dialog.open) dialog.showModal();
}

async function fill() {
  const standing = await queue.standing(), orders = ordersNow();
  const estimate = navigator.storage && navigator.storage.estimate ? await navigator.storage.estimate() : {};
  const isPersistent = navigator.storage && navigator.storage.persisted ? await navigator.storage.persisted() : false;
  const isInstalled = matchMedia("(display-mode: fullscreen), (display-mode: standalone)").matches;
  set("name", orders.name || device.code);
  set("state", dialog.dataset[orders.state] || orders.state || "–");
  set("unsent", standing.n_unsent + (standing.oldest_unsent_days ? " · " + dialog.dataset.oldest.replace("{n}", standing.oldest_unsent_days) : ""));
  set("refused", standing.n_refused);
  set("heard", heart.state.heardAt ? new Date(heart.state.heardAt).toLocaleString("vi-VN") : "–");
  set("skew", Math.round(heart.state.skewMs / 1000) + " s");
  set("storage", (estimate.quota ? Math.round(100 * estimate.usage / estimate.quota) + "% · " : "") + dialog.dataset[isPersistent ? "persistent" : "fleeting"]);
  set("release", document.documentElement.dataset.release);
  dialog.querySelector("[data-promise]").hidden = isInstalled && isPersistent;
}

const set = (name, value) => { dialog.querySelector("[data-fact=" + name + "]").textContent = value; };

const doing = {
  send: () => queue.hurry().then(heart.beat).then(fill),
  export: exportQueue,
  reload: () => location.reload(),
  screen: () => { hasLeft = true; if (document.fullscreenElement) document.exitFullscreen(); dialog.close(); },
  close: () => { hasLeft = false; dialog.close(); }
};

/* ---- the file for a kiosk that finds no network any more ---- */
async function exportQueue() {
  const content = JSON.stringify({
    exported_at: new Date().toISOString(),
    records: (await store.records()).map(record => ({ number: record.number, body: record.body, at: new Date(record.at).toISOString() }))
  });
  const salt = crypto.getRandomValues(new Uint8Array(16)), iv = crypto.getRandomValues(new Uint8Array(12));
  const material = await crypto.subtle.importKey("raw", bytesOf(device.key), "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: salt, info: new TextEncoder().encode("kiosk-queue") };
  const key = await crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const bound = new TextEncoder().encode(device.code);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: iv, additionalData: bound }, key, new TextEncoder().encode(content));
  const file = { format: "kiosk-queue-1", code: device.code, salt: hexOf(salt), iv: hexOf(iv), sealed: hexOf(new Uint8Array(sealed)) };
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(file)], { type: "application/json" }));
  link.download = "phieu-chua-gui-" + device.code + ".json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

const hexOf = bytes => Array.from(bytes, byte => (byte + 256).toString(16).slice(1)).join("");

const bytesOf = hex => Uint8Array.from(hex.match(/../g), pair => parseInt(pair, 16));
