import { constants, createGunzip, gzipSync } from 'node:zlib';
import snappy from 'snappyjs';
import type { SnapshotCompression } from './file-format.js';

/** Turns a snapshot's bytes, slice by slice, into those of the file. */
export interface Compressor {
  /** What stands in front of the first slice. */
  begin(): Uint8Array;
  slice(bytes: Uint8Array): Uint8Array;
}

/** Turns the bytes of a file, chunk by chunk, into the snapshot's; throws on bytes that cannot be. */
export interface Decompressor {
  /** As much is given at a time: then about 16 MiB is the most that comes out at once. */
  readonly inputBytesMax: number;
  chunk(bytes: Uint8Array): Uint8Array;
  /** Throws when the file ended too early. */
  end(): void;
}

const none = new Uint8Array(0);

export function createCompressor(method: SnapshotCompression): Compressor {
  if (method === 'gz') return gzipCompressor;
  if (method === 'snappy') return snappyCompressor;
  return { begin: () => none, slice: (bytes) => bytes };
}

export function createDecompressor(method: SnapshotCompression): Decompressor {
  if (method === 'gz') return new GzipDecompressor();
  if (method === 'snappy') return new SnappyDecompressor();
  return { inputBytesMax: 1024 * 1024, chunk: (bytes) => bytes, end: () => {} };
}

/** Each slice is a gzip member of its own; a file of several members is an ordinary gzip file. */
const gzipCompressor: Compressor = {
  begin: () => none,
  slice: (bytes) => gzipSync(bytes, { level: 1 }),
};

/** Node's stream has a synchronous step that it does not document, which npm's own archive reader is built on. */
interface SynchronousGunzip {
  _processChunk(chunk: Uint8Array, flushFlag: number): Uint8Array;
  _handle: { close(): void };
  removeAllListeners(event: string): void;
}

class GzipDecompressor implements Decompressor {
  /** Deflate makes at most 1032 bytes of one. */
  readonly inputBytesMax = 15 * 1024;
  readonly #gunzip = createGunzip() as unknown as SynchronousGunzip;
  readonly #handle = this.#gunzip._handle;
  readonly #close = this.#handle.close;

  chunk(bytes: Uint8Array): Uint8Array {
    // The step thinks that it is the only one and closes the stream behind itself.
    this.#handle.close = () => {};
    const result = this.#gunzip._processChunk(bytes, constants.Z_SYNC_FLUSH);
    this.#gunzip._handle = this.#handle;
    this.#gunzip.removeAllListeners('error');
    return result;
  }

  end(): void {
    this.#handle.close = this.#close;
    this.#handle.close();
  }
}

/** The framing of snappy-java's SnappyOutputStream: a header, then blocks of length and raw Snappy (inventory 3.3.4). */
const snappyHeader = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1);
const snappyBlockSize = 32 * 1024;
/** snappy-java takes 32 KiB at a time unless it is told otherwise, and Apache does not. */
const snappyBlockSizeMax = 16 * 1024 * 1024;
/** Of three bytes Snappy makes at most 64. */
const snappyGrowthMax = 22;

const snappyCompressor: Compressor = {
  begin: () => snappyHeader,
  slice(bytes) {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += snappyBlockSize) {
      const block = snappy.compress(bytes.subarray(at, Math.min(bytes.length, at + snappyBlockSize)));
      const length = Buffer.allocUnsafe(4);
      length.writeInt32BE(block.length);
      parts.push(length, block);
    }
    return Buffer.concat(parts);
  },
};

class SnappyDecompressor implements Decompressor {
  readonly inputBytesMax = 512 * 1024;
  #pending: Buffer = Buffer.alloc(0);
  #headerRead = false;

  chunk(bytes: Uint8Array): Uint8Array {
    const input = Buffer.concat([this.#pending, bytes]);
    const parts: Uint8Array[] = [];
    let at = 0;
    if (!this.#headerRead && input.length >= snappyHeader.length) {
      if (!input.subarray(0, 8).equals(snappyHeader.subarray(0, 8))) throw new Error('not a snappy-java stream');
      this.#headerRead = true;
      at = snappyHeader.length;
    }
    while (this.#headerRead && at + 4 <= input.length) {
      const length = input.readInt32BE(at);
      if (length <= 0 || length > snappyBlockSizeMax) throw new Error(`impossible Snappy block of ${length} bytes`);
      if (at + 4 + length > input.length) break;
      parts.push(uncompressBlock(input.subarray(at + 4, at + 4 + length)));
      at += 4 + length;
    }
    this.#pending = Buffer.from(input.subarray(at));
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  end(): void {
    if (!this.#headerRead || this.#pending.length > 0) throw new Error('ends in the middle of a Snappy block');
  }
}

/** The library makes as much room as a block claims to need, and does not ask whether that was filled. */
function uncompressBlock(block: Buffer): Uint8Array {
  return snappy.uncompress(block, Math.min(snappyBlockSizeMax, block.length * snappyGrowthMax));
}
