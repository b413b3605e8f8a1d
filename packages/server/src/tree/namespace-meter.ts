/** Counts bytes read or written by the first component of the path; `bytes[start, end)` is the path. */
export interface NamespaceMeter {
  add(bytes: Uint8Array, start: number, end: number, dataLength: number): void;
}

/** Counts nothing: for the replay of files. */
export const noMeter: NamespaceMeter = { add() {} };
