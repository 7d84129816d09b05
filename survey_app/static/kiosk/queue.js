/* Sends what is kept, oldest first, one at a time, until the server has said of each that it is stored. */
import * as store from "./store.js";

const SEND_MS = 20000, FIRST_WAIT_MS = 2000, LONGEST_WAIT_MS = 300000, LOOK_MS = 3000, DAY_MS = 86400000;
/* A number of this run of the page: within it the clock that only runs forward tells how old a record is. */
const BOOT = crypto.getRandomValues(new Uint32Array(1))[0];

let device = null, onAnswer = () => {};
let failures = 0, notBefore = 0;

/* `answered` hears the status of every attempt: 0 where nobody answered. */
export function start(its, answered) {
  device = its;
  onAnswer = answered;
  addEventListener("online", hurry);
  setInterval(drain, LOOK_MS);
  return drain();
}

/* The network is back, or a person at the service panel asks: no more waiting. */
export function hurry() {
  failures = 0;
  notBefore = 0;
  return drain();
}

export async function keep(record) {
  const made = { at: Date.now(), boot: BOOT, ticks: performance.now() };
  const number = await store.keep(JSON.stringify(record), made);
  drain();
  return number;
}

/* Two tabs never send at once: whoever holds the lock sends for both. */
export async function drain() {
  if (performance.now() < notBefore || await store.read("stopped")) return;
  await navigator.locks.request("kiosk-queue", { ifAvailable: true }, async lock => {
    if (!lock) return;
    for (const record of (await store.records()).filter(one => one.state !== "refused")) {
      if (!await deliver(record)) return;
    }
  });
}

async function deliver(record) {
  await store.mark(record.number, "sending");
  const answer = await send(record);
  if (answer.status === 200 || answer.status === 201) {
    failures = 0;
    await store.settle(record.number);
  } else if (answer.status === 401 || answer.status === 403) {
    await store.mark(record.number, "queued");
    await store.write("stopped", answer.status);
  } else if (answer.status === 0 || answer.status === 408 || answer.status === 425 || answer.status === 429 || answer.status >= 500) {
    await store.mark(record.number, "queued");
    wait(answer.after);
  } else {
    /* Refused for what it is: kept apart, seen in the panel, in the export, and never thrown away. */
    await store.mark(record.number, "refused", String(answer.status));
  }
  onAnswer(answer.status);
  const isDone = answer.status === 200 || answer.status === 201;
  return isDone || (answer.status >= 400 && answer.status < 500 && ![401, 403, 408, 425, 429].includes(answer.status));
}

/* Twice as long after each failure, up to five minutes, and never all kiosks at the same moment. */
function wait(after) {
  failures += 1;
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 12));
  notBefore = performance.now() + Math.max(after * 1000 || 0, longest * (0.5 + Math.random() / 2));
}

async function send(record) {
  const abort = new AbortController(), timer = setTimeout(() => abort.abort(), SEND_MS);
  try {
    const response = await fetch("/k/" + device.code, {
      method: "POST", cache: "no-store", credentials: "omit", signal: abort.signal,
      headers: { "Content-Type": "application/json", Accept: "application/json", Authorization: "Device " + device.key },
      body: JSON.stringify(Object.assign(JSON.parse(record.body), transport(record)))
    });
    await response.text();
    return { status: response.status, after: Number(response.headers.get("Retry-After")) };
  } catch (error) {
    return { status: 0, after: 0 };
  } finally {
    clearTimeout(timer);
  }
}

/* When it was answered and when it is sent, both by this clock: a clock that is wrong is wrong in both. */
function transport(record) {
  const now = Date.now();
  /* In one run of the page the second clock, which nobody can set, is asked too; asleep it may have stood still. */
  const age = Math.max(now - record.at, record.boot === BOOT ? performance.now() - record.ticks : -Infinity);
  return {
    client_now: new Date(now).toISOString(), client_time: new Date(now - age).toISOString(),
    device: { number: record.number, is_trial: JSON.parse(record.body).is_trial === true }
  };
}

/* How much waits, and for how long the oldest of it. */
export async function standing() {
  const kept = await store.records();
  const waiting = kept.filter(one => one.state !== "refused");
  const oldest = Math.min(...waiting.map(one => one.at));
  return {
    n_unsent: waiting.length, n_refused: kept.length - waiting.length,
    oldest_unsent_days: waiting.length ? Math.max(0, Math.floor((Date.now() - oldest) / DAY_MS)) : null
  };
}
