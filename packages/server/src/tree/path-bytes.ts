import { putString } from '@nodekeeper/protocol';

/** Encodes paths as UTF-8 into a buffer. Each call of `put` overwrites the previous path. */
export class PathBytes {
  /** The encoded path starts at index 0. */
  bytes: Buffer = Buffer.alloc(1024);

  /** Encodes a path, and returns its end in `bytes`. */
  put(path: string): number {
    if (path.length * 3 > this.bytes.length) this.bytes = Buffer.alloc(path.length * 3);
    return putString(this.bytes, 0, path);
  }
}
