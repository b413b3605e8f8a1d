const MODULUS = 65521;
/** So few bytes that the second sum stays a signed 32-bit integer, which engines add fastest. */
const RUN_LENGTH = 3800;

/** Adler-32 of `bytes[start, end)`, as an unsigned number; `seed` is the checksum of the bytes before. */
export function adler32(bytes: Uint8Array, start: number, end: number, seed = 1): number {
  let a = seed & 0xffff;
  let b = seed >>> 16;
  let at = start;
  while (at < end) {
    const runEnd = Math.min(end, at + RUN_LENGTH);
    const unrolledEnd = runEnd - 7;
    while (at < unrolledEnd) {
      b += a += bytes[at];
      b += a += bytes[at + 1];
      b += a += bytes[at + 2];
      b += a += bytes[at + 3];
      b += a += bytes[at + 4];
      b += a += bytes[at + 5];
      b += a += bytes[at + 6];
      b += a += bytes[at + 7];
      at += 8;
    }
    while (at < runEnd) b += a += bytes[at++];
    a %= MODULUS;
    b %= MODULUS;
  }
  return b * 0x10000 + a;
}
