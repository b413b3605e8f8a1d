import { crc32 as nativeCrc32 } from 'node:zlib';

/** Below this many bytes a call into native code costs more than it saves. */
const NATIVE_FROM = 320;

/** `tables[k][byte]`: what a byte contributes when k more bytes follow it, so that eight bytes are processed at once. */
const tables = Array.from({ length: 8 }, () => new Int32Array(256));
for (let index = 0; index < 256; index++) {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  tables[0][index] = value;
}
for (let following = 1; following < 8; following++) {
  for (let index = 0; index < 256; index++) {
    const before = tables[following - 1][index];
    tables[following][index] = (before >>> 8) ^ tables[0][before & 0xff];
  }
}
const [table0, table1, table2, table3, table4, table5, table6, table7] = tables;

/** java.util.zip's CRC-32 of `bytes[start, end)`, unsigned; `seed` is the checksum of the bytes before. */
export function crc32(bytes: Uint8Array, start: number, end: number, seed = 0): number {
  if (end - start >= NATIVE_FROM) return nativeCrc32(bytes.subarray(start, end), seed);
  return crc32InScript(bytes, start, end, seed);
}

export function crc32InScript(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let crc = ~seed;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    crc ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    crc =
      table7[crc & 0xff] ^
      table6[(crc >>> 8) & 0xff] ^
      table5[(crc >>> 16) & 0xff] ^
      table4[crc >>> 24] ^
      table3[bytes[at + 4]] ^
      table2[bytes[at + 5]] ^
      table1[bytes[at + 6]] ^
      table0[bytes[at + 7]];
  }
  for (; at < end; at++) crc = table0[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}
