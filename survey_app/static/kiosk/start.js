/* The door of the installed kiosk: to its own page, or in by a one-time code. */
import * as store from "./store.js";
import { register } from "./worker.js";

const form = document.getElementById("enrol"), field = document.getElementById("enrolment");
const refusal = document.getElementById("refusal");

/* The code of the administrator's QR code stands behind the #, which no server sees; it leaves the address at once. */
if (location.hash.length > 1) field.value = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
form.addEventListener("submit", event => { event.preventDefault(); enrol(); });
main();

async function main() {
  if (!window.isSecureContext || !navigator.locks || !navigator.serviceWorker) return tell("insecure");
  const device = await store.read("device");
  if (device) return location.replace("/k/" + device.code);
  register();
  if (!matchMedia("(display-mode: fullscreen), (display-mode: standalone)").matches) document.getElementById("promise").hidden = false;
}

async function enrol() {
  refusal.hidden = true;
  let response;
  try {
    response = await fetch("/k/enrol", {
      method: "POST", cache: "no-store", credentials: "omit", body: JSON.stringify({ code: field.value }),
      headers: { "Content-Type": "application/json", Accept: "application/json" }
    });
  } catch (error) {
    return tell("offline");
  }
  const answer = await response.json();
  if (!response.ok) return tell("", answer.message);
  await store.write("device", { code: answer.code, key: answer.key });
  if (navigator.storage && navigator.storage.persist) await navigator.storage.persist();
  location.replace("/k/" + answer.code);
}

function tell(name, words) {
  refusal.textContent = words || refusal.dataset[name];
  refusal.hidden = false;
}
