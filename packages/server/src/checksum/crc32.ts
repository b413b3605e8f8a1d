import { crc32 as nativeCrc32 } from 'node:zlib';

/** Below this many bytes a call into native code costs more than it saves. */
const NATIVE_FROM = 160;

/** `tables[k][byte]`: what a byte with k bytes behind it adds, so that four are taken in at once. */
const tables = [0, 1, 2, 3].map(() => new Int32Array(256));
for (let index = 0; index < 256; index++) {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  tables[0][index] = value;
}
for (let behind = 1; behind < 4; behind++) {
  for (let index = 0; index < 256; index++) {
    const before = tables[behind - 1][index];
    tables[behind][index] = (before >>> 8) ^ tables[0][before & 0xff];
  }
}
const [table0, table1, table2, table3] = tables;

/** java.util.zip's CRC-32 of `bytes[start, end)`, unsigned; `seed` is the checksum of the bytes before. */
export function crc32(bytes: Uint8Array, start: number, end: number, seed = 0): number {
  if (end - start >= NATIVE_FROM) return nativeCrc32(bytes.subarray(start, end), seed);
  return crc32InScript(bytes, start, end, seed);
}

export function crc32InScript(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let crc = ~seed;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    crc ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    crc = table3[crc & 0xff] ^ table2[(crc >>> 8) & 0xff] ^ table1[(crc >>> 16) & 0xff] ^ table0[crc >>> 24];
  }
  for (; at < end; at++) crc = table0[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}
