/* Finds the number that a flooded server asks for (ALTCHA, SHA-256). Runs in a worker, and needs no secure context. */
"use strict";
const K = new Int32Array(64), START = new Int32Array(8), W = new Int32Array(64), H = new Int32Array(8);

/* The constants of SHA-256: fractions of the cube and square roots of the first primes. */
(function () {
  const fraction = x => ((x - Math.floor(x)) * 4294967296) | 0;
  for (let n = 2, found = 0; found < 64; n++) {
    let isPrime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) isPrime = false;
    if (!isPrime) continue;
    if (found < 8) START[found] = fraction(Math.sqrt(n));
    K[found++] = fraction(Math.cbrt(n));
  }
})();

/* One block from W[0..15] into H. */
function hash() {
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15], y = W[i - 2];
    const s0 = (x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3;
    const s1 = (y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10;
    W[i] = W[i - 16] + s0 + W[i - 7] + s1 | 0;
  }
  let a = START[0], b = START[1], c = START[2], d = START[3], e = START[4], f = START[5], g = START[6], h = START[7];
  for (let i = 0; i < 64; i++) {
    const s1 = (e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7);
    const t1 = h + s1 + (e & f ^ ~e & g) + K[i] + W[i] | 0;
    const s0 = (a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10);
    const t2 = s0 + (a & b ^ a & c ^ b & c) | 0;
    h = g; g = f; f = e; e = d + t1 | 0; d = c; c = b; b = a; a = t1 + t2 | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => { H[i] = START[i] + word | 0; });
}

const hex = word => (word >>> 0).toString(16).padStart(8, "0");
const words = text => text.match(/.{8}/g).map(part => parseInt(part, 16) | 0);

/* salt (16 bytes), nonce (16 bytes), counter (4 bytes): always one block. */
function solve(parameters) {
  const wanted = words(parameters.keyPrefix), message = words(parameters.salt + parameters.nonce);
  for (let counter = 0; counter <= 4294967295; counter++) {
    W.fill(0);
    W.set(message);
    W[8] = counter;
    W[9] = 1 << 31;
    W[15] = 288;
    hash();
    if (wanted.every((word, i) => word === H[i])) {
      return { counter: counter, derivedKey: Array.from(H, hex).join("") };
    }
  }
  throw new Error("no solution");
}

self.onmessage = event => {
  const challenge = event.data;
  self.postMessage(btoa(JSON.stringify({ challenge: challenge, solution: solve(challenge.parameters) })));
};
