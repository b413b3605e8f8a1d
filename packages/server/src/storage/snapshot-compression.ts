import { constants, createGunzip, gzipSync } from 'node:zlib';
import snappy from 'snappyjs';
import type { SnapshotCompression } from './file-format.js';

/** Compresses a snapshot slice by slice, before the slices are written to its file. */
export interface Compressor {
  /** Returns the bytes that the file has before the first slice. */
  begin(): Uint8Array;
  slice(bytes: Uint8Array): Uint8Array;
}

/** Decompresses the bytes of a snapshot file, chunk by chunk. Throws if the bytes are invalid. */
export interface Decompressor {
  /** The maximum length of a chunk. This limits the output for one chunk to about 16 MiB. */
  readonly inputBytesMax: number;
  chunk(bytes: Uint8Array): Uint8Array;
  /** Throws if the file ended too early. */
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

/** Compresses each slice into a separate gzip member. A file with several members is a valid gzip file. */
const gzipCompressor: Compressor = {
  begin: () => none,
  slice: (bytes) => gzipSync(bytes, { level: 1 }),
};

/**
 * Undocumented methods of Node's gunzip stream. `_processChunk` decompresses synchronously. npm's own archive reader
 * also uses these methods.
 */
interface SynchronousGunzip {
  _processChunk(chunk: Uint8Array, flushFlag: number): Uint8Array;
  _handle: { close(): void };
  removeAllListeners(event: string): void;
}

class GzipDecompressor implements Decompressor {
  /** Deflate expands one byte to at most 1032 bytes, so the output for one chunk stays below 16 MiB. */
  readonly inputBytesMax = 15 * 1024;
  readonly #gunzip = createGunzip() as unknown as SynchronousGunzip;
  readonly #handle = this.#gunzip._handle;
  readonly #close = this.#handle.close;

  chunk(bytes: Uint8Array): Uint8Array {
    // `_processChunk` closes the stream before it returns. Replace `close`, so that the stream stays open for the next
    // chunk.
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

/**
 * The header that snappy-java's SnappyOutputStream writes. Blocks follow the header; each block has a length and then
 * raw Snappy data (spec 3.3.4).
 */
const snappyHeader = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1);
const snappyBlockSize = 32 * 1024;
/** The maximum length of a block that is accepted. ZooKeeper writes blocks of 32 KiB, the default of snappy-java. */
const snappyBlockSizeMax = 16 * 1024 * 1024;
/** The maximum ratio of uncompressed to compressed length. Snappy expands three bytes to at most 64 bytes. */
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

/**
 * Decompresses one block. The library allocates as much memory as the block claims to need, and does not check that the
 * block fills this memory. So the claim needs a limit.
 */
function uncompressBlock(block: Buffer): Uint8Array {
  return snappy.uncompress(block, Math.min(snappyBlockSizeMax, block.length * snappyGrowthMax));
}
