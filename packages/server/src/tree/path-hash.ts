/** The secret key of `pathHash`: two random 32-bit integers. */
export type HashKey = readonly [number, number];

export function randomHashKey(random: () => number): HashKey {
  return [Math.floor(random() * 0x100000000) | 0, Math.floor(random() * 0x100000000) | 0];
}

/**
 * HalfSipHash-1-3 of `bytes[start, end)`: 32 bits that cannot be predicted without the key. With a predictable hash, a
 * client could choose many paths for the same bucket and slow down the server.
 */
export function pathHash(key: HashKey, bytes: Uint8Array, start: number, end: number): number {
  let v0 = key[0];
  let v1 = key[1];
  let v2 = key[0] ^ 0x6c796765;
  let v3 = key[1] ^ 0x74656462;
  const length = end - start;
  const wordsEnd = end - (length & 3);
  let word = 0;
  for (let at = start; at < wordsEnd; at += 4) {
    word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  word = length << 24;
  for (let at = wordsEnd, shift = 0; at < end; at++, shift += 8) word |= bytes[at]! << shift;
  v3 ^= word;
  for (let round = 0; round < 4; round++) {
    if (round === 1) {
      v0 ^= word;
      v2 ^= 0xff;
    }
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  return v1 ^ v3;
}
