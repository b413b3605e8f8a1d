/** Counts bytes read or written by the first component of the path; `bytes[start, end)` is the path. */
export interface NamespaceMeter {
  add(bytes: Uint8Array, start: number, end: number, dataLength: number): void;
}

/** Counts nothing. The replay of files uses it. */
export const noMeter: NamespaceMeter = { add() {} };
