/**
 * Counts the bytes that requests read or write, separately for each first component of the path. The path is
 * `bytes[start, end)`.
 */
export interface NamespaceMeter {
  add(bytes: Uint8Array, start: number, end: number, dataLength: number): void;
}

/** A meter that counts nothing, for the replay of files. */
export const noMeter: NamespaceMeter = { add() {} };
