/* The page's side of the service worker: put it in place, and ask it things. */

let registered = null;

export function register() {
  registered = navigator.serviceWorker.register("/k/sw.js", { updateViaCache: "none" });
  return registered;
}

export async function update() {
  if (registered) await (await registered).update();
}

export async function ask(what, details) {
  const worker = (await navigator.serviceWorker.ready).active;
  return new Promise((resolve, reject) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = event => (event.data.error ? reject(new Error(event.data.error)) : resolve(event.data.result));
    worker.postMessage(Object.assign({ do: what }, details), [channel.port2]);
  });
}
