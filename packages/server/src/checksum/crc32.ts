import { crc32 as nativeCrc32 } from 'node:zlib';

/** Below this many bytes a call into native code costs more than it saves. */
const NATIVE_FROM = 112;

const table = new Int32Array(256);
for (let index = 0; index < 256; index++) {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  table[index] = value;
}

/** java.util.zip's CRC-32 of `bytes[start, end)`, unsigned; `seed` is the checksum of the bytes before. */
export function crc32(bytes: Uint8Array, start: number, end: number, seed = 0): number {
  if (end - start >= NATIVE_FROM) return nativeCrc32(bytes.subarray(start, end), seed);
  return crc32InScript(bytes, start, end, seed);
}

export function crc32InScript(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let crc = ~seed;
  for (let at = start; at < end; at++) crc = table[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}
