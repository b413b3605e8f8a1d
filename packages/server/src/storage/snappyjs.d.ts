declare module 'snappyjs' {
  export function compress(bytes: Uint8Array): Uint8Array;
  /** Throws if the bytes are not valid Snappy data, or if the result would be longer than `lengthMax` bytes. */
  export function uncompress(bytes: Uint8Array, lengthMax?: number): Uint8Array;
}
