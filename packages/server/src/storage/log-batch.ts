import { putInt, Writer } from '@nodekeeper/protocol';
import { adler32 } from '../checksum/index.js';
import { writeBatchMark } from './batch-mark.js';
import { entryEnd, entryHeaderSize, fileHeaderSize, fileVersion, logMagic } from './file-format.js';

const capacity = 64 * 1024;
/** A buffer that a burst has grown beyond this size is released. */
const capacityKeptMax = 8 * 1024 * 1024;

/**
 * Log entries that become durable together, laid out as in the file. The buffer starts with space for the file header,
 * so that the batch can open a new file without being moved.
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

  /** Bytes of the entries, without the file header. */
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
   * Completes the bytes for a position in the file: adds the file header if the batch opens the file, and the batch
   * mark. Returns the span to write. It may be called again for another file.
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

  /** Appends `count` zeros at `from`, the end of the laid out bytes. */
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
