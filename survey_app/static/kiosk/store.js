/* What a kiosk keeps, in the browser's own database: who it is, its counters, and every record until it is acknowledged. */
import { openDB } from "./idb.js";

const NAME = "kiosk", VERSION = 1;
let opened = null;

function open() {
  if (!opened) {
    opened = openDB(NAME, VERSION, {
      upgrade(db) {
        db.createObjectStore("records", { keyPath: "number" });
        db.createObjectStore("meta");
      },
      /* A newer page needs the database: let go of it, and open it again when it is next asked for. */
      blocking() { forget(); },
      terminated() { opened = null; }
    });
    opened.catch(() => { opened = null; });
  }
  return opened;
}

function forget() {
  if (opened) opened.then(db => db.close(), () => {});
  opened = null;
}

/* A connection that the browser has closed is opened again, once; a full disk is not mended by trying again. */
async function using(work) {
  try {
    return await work(await open());
  } catch (error) {
    if (error.name !== "InvalidStateError" && error.name !== "AbortError") throw error;
    forget();
    return work(await open());
  }
}

export const read = name => using(db => db.get("meta", name));

export const write = (name, value) => using(db => db.put("meta", value, name));

/* Change a value that other tabs may change too: read and written in one transaction. */
export function change(name, by) {
  return using(async db => {
    const transaction = db.transaction("meta", "readwrite");
    const value = by(await transaction.store.get(name));
    await transaction.store.put(value, name);
    await transaction.done;
    return value;
  });
}

/* Number a finished record and keep it, both or neither, on the disk before it is said to be kept. */
export function keep(body, transport) {
  return using(async db => {
    const transaction = db.transaction(["records", "meta"], "readwrite", { durability: "strict" });
    const meta = transaction.objectStore("meta");
    const counters = Object.assign(noCounters(), await meta.get("counters"));
    counters.finished += 1;
    const record = Object.assign({ number: counters.finished, state: "queued", body: body }, transport);
    await transaction.objectStore("records").add(record);
    await meta.put(counters, "counters");
    await transaction.done;
    return record.number;
  });
}

export const noCounters = () => ({ opened: 0, finished: 0, sent: 0 });

export const records = () => using(db => db.getAll("records"));

/* The state of a record changes; what was answered never does. */
export function mark(number, state, reason) {
  return using(async db => {
    const transaction = db.transaction("records", "readwrite");
    const record = await transaction.store.get(number);
    if (record) await transaction.store.put(Object.assign(record, { state: state, reason: reason || "" }));
    await transaction.done;
  });
}

/* Acknowledged: counted as sent and forgotten, both or neither. */
export function settle(number) {
  return using(async db => {
    const transaction = db.transaction(["records", "meta"], "readwrite");
    const meta = transaction.objectStore("meta"), kept = transaction.objectStore("records");
    if (await kept.get(number)) {
      const counters = Object.assign(noCounters(), await meta.get("counters"));
      counters.sent += 1;
      await meta.put(counters, "counters");
      await kept.delete(number);
    }
    await transaction.done;
  });
}
