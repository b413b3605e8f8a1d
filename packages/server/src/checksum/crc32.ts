import { crc32 as nativeCrc32 } from 'node:zlib';

/**
 * The minimum number of bytes for which Node's native CRC-32 is used. For fewer bytes, the call costs more than it
 * saves.
 */
const nativeFrom = 320;

/**
 * Eight tables, so that one step processes eight bytes. For example, `table2[byte]` is the contribution of a byte to
 * the CRC when two more bytes follow it.
 */
const table0 = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});
const table1 = table0.map(withByteBehind);
const table2 = table1.map(withByteBehind);
const table3 = table2.map(withByteBehind);
const table4 = table3.map(withByteBehind);
const table5 = table4.map(withByteBehind);
const table6 = table5.map(withByteBehind);
const table7 = table6.map(withByteBehind);

function withByteBehind(before: number): number {
  return (before >>> 8) ^ table0[before & 0xff]!;
}

/**
 * CRC-32 of `bytes[start, end)` as an unsigned number, as in java.util.zip. `seed` is the checksum of the bytes before
 * `start`.
 */
export function crc32(bytes: Uint8Array, start: number, end: number, seed = 0): number {
  if (end - start >= nativeFrom) return nativeCrc32(bytes.subarray(start, end), seed);
  return crc32InScript(bytes, start, end, seed);
}

export function crc32InScript(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let crc = ~seed;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      table7[crc & 0xff]! ^
      table6[(crc >>> 8) & 0xff]! ^
      table5[(crc >>> 16) & 0xff]! ^
      table4[crc >>> 24]! ^
      table3[bytes[at + 4]!]! ^
      table2[bytes[at + 5]!]! ^
      table1[bytes[at + 6]!]! ^
      table0[bytes[at + 7]!]!;
  }
  for (; at < end; at++) crc = table0[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
