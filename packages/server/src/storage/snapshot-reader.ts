import { getInt, getLong } from '@nodekeeper/protocol';
import { adler32 } from '../checksum/index.js';
import { type Disk, DiskError, type DiskFile } from '../ports/disk.js';
import { fileHeaderSize, fileVersion, kindOfContent, type SnapshotCompression, snapshotMagic } from './file-format.js';
import { defaultRecordBytesMax } from './record-limit.js';
import { type SnapshotBodyInput, SnapshotBodyReader, type SnapshotSink } from './snapshot-body.js';
import { createDecompressor, type Decompressor } from './snapshot-compression.js';

/** Thrown for a damaged snapshot. The message gives the offset (in uncompressed bytes) and the problem. */
export class SnapshotDamaged extends Error {
  override readonly name = 'SnapshotDamaged';

  constructor(
    readonly path: string,
    readonly offset: number,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`Snapshot ${path} is damaged at byte ${offset}: ${problem}`, options);
  }
}

const sealSize = 13;
const digestSize = 20;
/**
 * The first version in which the digest is a number. A digest of version 1 is text, which the reader skips without a
 * comparison.
 */
const digestVersionBinary = 2;

/**
 * Reads a snapshot into `sink`, in chunks, and verifies every seal (checksum). Returns the zxid that the tree had at
 * the end of the snapshot, if the file records this zxid. Throws `SnapshotDamaged` if the file is damaged; the sink
 * must then discard the data that it has received. Throws `DiskError` if the file cannot be read.
 */
export function readSnapshot(
  disk: Disk,
  path: string,
  compression: SnapshotCompression,
  sink: SnapshotSink,
  recordBytesMax: number = defaultRecordBytesMax,
): { lastZxid: number | undefined } {
  const file = disk.open(path, 'read');
  const input = new SnapshotInput(file, createDecompressor(compression), recordBytesMax);
  try {
    return readAll(input, sink);
  } catch (error) {
    if (error instanceof DiskError) throw error;
    // The sink also throws, for example for a node without a parent. In a damaged file, such a node may come before the
    // seal that would show the damage.
    throw new SnapshotDamaged(path, input.offset, (error as Error).message, { cause: error });
  } finally {
    file.close();
  }
}

class Problem extends Error {}

function endsWithin(what: string): Problem {
  return new Problem(`the file ends within ${what}`);
}

function readAll(input: SnapshotInput, sink: SnapshotSink): { lastZxid: number | undefined } {
  readHeader(input);
  const body = new SnapshotBodyReader(input, sink, input.recordBytesMax);
  if (!body.read()) throw endsWithin(body.incomplete);
  checkSeal(input);
  return readTail(input, sink);
}

function readHeader(input: SnapshotInput): void {
  input.need(fileHeaderSize, 'the file header');
  const magic = getInt(input.bytes, input.at);
  if (magic !== snapshotMagic) {
    throw new Problem(
      `it does not start with a snapshot's magic number (ZKSN); it is ${kindOfContent(input.bytes, input.at)}`,
    );
  }
  const version = getInt(input.bytes, input.at + 4);
  if (version !== fileVersion) throw new Problem(`its format version is ${version} instead of ${fileVersion}`);
  input.at += fileHeaderSize;
}

function checkSeal(input: SnapshotInput): void {
  const computed = input.checksumSoFar();
  input.need(sealSize, 'a seal');
  const high = getInt(input.bytes, input.at);
  const stored = getInt(input.bytes, input.at + 4) >>> 0;
  const slash = getInt(input.bytes, input.at + 8) === 1 && input.bytes[input.at + 12] === 0x2f;
  if (high !== 0 || stored !== computed || !slash) {
    throw new Problem(`the checksum of all bytes up to here is ${computed}, but its seal says ${stored}`);
  }
  input.at += sealSize;
}

/**
 * Reads the optional parts after the body: the digest and the last zxid. Older versions of ZooKeeper end the file after
 * the first or second seal, and each part can be disabled (spec 3.3.1).
 */
function readTail(input: SnapshotInput, sink: SnapshotSink): { lastZxid: number | undefined } {
  const left = input.left(256);
  const withLastZxid = 8 + sealSize;
  if (left !== 0 && left !== withLastZxid) readDigest(input, sink);
  if (input.left(256) === 0) return { lastZxid: undefined };
  input.need(withLastZxid, 'the last zxid');
  const lastZxid = getLong(input.bytes, input.at);
  input.at += 8;
  checkSeal(input);
  if (input.left(1) !== 0) throw new Problem('there are bytes after its end');
  return { lastZxid };
}

function readDigest(input: SnapshotInput, sink: SnapshotSink): void {
  input.need(digestSize, 'the digest');
  const zxid = getLong(input.bytes, input.at);
  const version = getInt(input.bytes, input.at + 8);
  if (version >= digestVersionBinary) {
    const digest = input.bytes.readBigInt64BE(input.at + 12);
    input.at += digestSize;
    checkSeal(input);
    if (zxid > 0) sink.digest(zxid, version, digest);
    return;
  }
  const length = getInt(input.bytes, input.at + 12);
  if (length < 0 || length > 64) throw new Problem(`a digest of ${length} bytes`);
  input.need(16 + length, 'the digest');
  input.at += 16 + length;
  checkSeal(input);
}

/** Reads the uncompressed bytes of a file through a window. `bytes[at, end)` is loaded and not read yet. */
class SnapshotInput implements SnapshotBodyInput {
  bytes: Buffer;
  at = 0;
  end = 0;
  #windowOffset = 0;
  #checksum = 1;
  #checksumFrom = 0;
  #filePosition = 0;
  #ended = false;
  readonly #chunk: Buffer;

  constructor(
    readonly file: DiskFile,
    readonly decompressor: Decompressor,
    readonly recordBytesMax: number,
  ) {
    const chunkSize = Math.min(decompressor.inputBytesMax, file.size() + 1);
    this.#chunk = Buffer.allocUnsafeSlow(chunkSize);
    this.bytes = Buffer.allocUnsafeSlow(chunkSize * 2);
  }

  get offset(): number {
    return this.#windowOffset + this.at;
  }

  /** Loads more of the file until `count` unread bytes are available at `at`. Throws if the file is too short. */
  need(count: number, what: string): void {
    if (!this.has(count)) throw endsWithin(what);
  }

  has(count: number): boolean {
    return this.end - this.at >= count || this.left(count) >= count;
  }

  /**
   * Loads more of the file until `enough` unread bytes are available or the file ends. Returns the number of unread
   * bytes in the window.
   */
  left(enough: number): number {
    while (this.end - this.at < enough && !this.#ended) this.#fill();
    return this.end - this.at;
  }

  checksumSoFar(): number {
    this.#checksum = adler32(this.bytes, this.#checksumFrom, this.at, this.#checksum);
    this.#checksumFrom = this.at;
    return this.#checksum;
  }

  #fill(): void {
    const count = this.file.read(this.#chunk, 0, this.#chunk.length, this.#filePosition);
    this.#filePosition += count;
    if (count === 0) {
      this.#ended = true;
      this.#decompress(() => this.decompressor.end());
      return;
    }
    const fresh = this.#decompress(() => this.decompressor.chunk(this.#chunk.subarray(0, count)));
    this.#makeRoom(fresh.length);
    this.bytes.set(fresh, this.end);
    this.end += fresh.length;
  }

  #decompress<Result>(action: () => Result): Result {
    try {
      return action();
    } catch (error) {
      throw new Problem(`it cannot be decompressed: ${(error as Error).message}`, { cause: error });
    }
  }

  #makeRoom(count: number): void {
    this.checksumSoFar();
    const unused = this.end - this.at;
    const needed = unused + count;
    const target =
      needed <= this.bytes.length ? this.bytes : Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(target, 0, this.at, this.end);
    this.bytes = target;
    this.#windowOffset += this.at;
    this.at = 0;
    this.end = unused;
    this.#checksumFrom = 0;
  }
}
