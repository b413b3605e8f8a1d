import { putInt, Writer } from '@nodekeeper/protocol';
import { adler32 } from '../checksum/index.js';
import { writeBatchMark } from './batch-mark.js';
import { entryEnd, entryHeaderSize, fileHeaderSize, fileVersion, logMagic } from './file-format.js';

const capacity = 64 * 1024;
/**
 * The largest buffer, in bytes, that a batch keeps for reuse. A buffer that grew larger in a burst of writes is
 * released.
 */
const capacityKeptMax = 8 * 1024 * 1024;

/**
 * Log entries that one sync makes durable together, with the same layout in the buffer as in the file. The buffer
 * begins with space for the file header, so the entries need not move if the batch begins a new file.
 */
export class LogBatch {
  writer = new Writer(capacity);
  count = 0;
  firstZxid = 0;
  lastZxid = 0;
  #entryStart = 0;

  constructor() {
    this.reset();
  }

  reset(): void {
    if (this.writer.bytes.length > capacityKeptMax) this.writer = new Writer(capacity);
    this.count = 0;
    this.writer.position = fileHeaderSize;
  }

  /** Size of the entries in bytes, without the file header. */
  get size(): number {
    return this.writer.position - fileHeaderSize;
  }

  beginEntry(): Writer {
    this.#entryStart = this.writer.position;
    this.writer.reserve(entryHeaderSize);
    this.writer.position += entryHeaderSize;
    return this.writer;
  }

  /** Drops the entry that `beginEntry` started. */
  cancelEntry(): void {
    this.writer.position = this.#entryStart;
  }

  endEntry(zxid: number): void {
    const { writer } = this;
    const bodyStart = this.#entryStart + entryHeaderSize;
    const bodyEnd = writer.position;
    writer.byte(entryEnd);
    const at = putInt(writer.bytes, this.#entryStart, 0);
    putInt(writer.bytes, at, adler32(writer.bytes, bodyStart, bodyEnd));
    putInt(writer.bytes, at + 4, bodyEnd - bodyStart);
    if (this.count++ === 0) this.firstZxid = zxid;
    this.lastZxid = zxid;
  }

  /**
   * Prepares the batch for writing at offset `position` of a log file. Adds the batch mark, and also the file header if
   * `position` is 0. Returns the span of the buffer to write. After a failed write, the same batch may be prepared
   * again for another file.
   */
  layOut(position: number): { start: number; end: number } {
    const { writer } = this;
    const opensFile = position === 0;
    if (opensFile) {
      const at = putInt(writer.bytes, putInt(writer.bytes, 0, logMagic), fileVersion);
      putInt(writer.bytes, putInt(writer.bytes, at, 0), 0);
    }
    const entriesEnd = writer.position;
    const start = opensFile ? 0 : fileHeaderSize;
    writeBatchMark(writer, position, position + entriesEnd - start);
    this.#span.start = start;
    this.#span.end = writer.position;
    writer.position = entriesEnd;
    return this.#span;
  }

  /** Writes `count` zeros to the buffer at `from`, which is the end of the span that `layOut` returned. */
  putZeros(from: number, count: number): void {
    const { writer } = this;
    const entriesEnd = writer.position;
    writer.position = from;
    writer.reserve(count);
    writer.bytes.fill(0, from, from + count);
    writer.position = entriesEnd;
  }

  readonly #span = { start: 0, end: 0 };
}
