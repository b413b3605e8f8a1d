declare module 'snappyjs' {
  export function compress(bytes: Uint8Array): Uint8Array;
  /** Throws when the bytes are not Snappy's or would give more than `lengthMax` bytes. */
  export function uncompress(bytes: Uint8Array, lengthMax?: number): Uint8Array;
}
