import { putInt, Writer } from '@nodekeeper/protocol';
import type { Operation } from './operation.js';
import type { Link } from './ports.js';

const keptBytesMax = 1024 * 1024;
/**
 * The outbox is flushed when it holds this many bytes. Larger writes are not faster per byte, and would only delay the
 * requests in the buffer.
 */
const enoughBytes = 64 * 1024;
/** The bytes of a frame before its record: length, xid and op code. */
const headerBytes = 12;

/** The frames that wait to be sent. They are encoded into one buffer, which is sent with one write. */
export class Outbox {
  #writer = new Writer(16 * 1024);
  readonly #frameBytesMax: number;
  #isLinkFree = true;
  /** The total number of frames that were added. */
  frames = 0;
  /** The total number of bytes that were passed to the link. */
  bytes = 0;

  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax;
  }

  get isEmpty(): boolean {
    return this.#writer.position === 0;
  }

  /**
   * True if the outbox should be flushed at once, before the end of the turn. False while the link still holds bytes of
   * an earlier write.
   */
  get hasEnough(): boolean {
    return this.#writer.position >= enoughBytes && this.#isLinkFree;
  }

  /**
   * Adds a frame and returns undefined. If the frame exceeds the size limit, adds nothing and returns the size in
   * bytes.
   */
  add(xid: number, operation: Operation, body: unknown): number | undefined {
    const writer = this.#writer;
    const start = writer.position;
    writer.reserve(headerBytes);
    writer.int(0);
    writer.int(xid);
    writer.int(operation.number);
    try {
      operation.write(writer, body);
    } catch (error) {
      writer.position = start;
      throw error;
    }
    return this.#finish(start);
  }

  /** Adds a frame without xid and op code. Only the connect request has this format. */
  addBare<Body>(write: (writer: Writer, body: Body) => void, body: Body): void {
    const start = this.#writer.position;
    this.#writer.int(0);
    write(this.#writer, body);
    this.#finish(start);
  }

  /**
   * Adds a frame that `take` returned earlier. The frame gets the given xid, because xids are assigned when requests
   * are sent.
   */
  addParked(xid: number, frame: Buffer): void {
    const start = this.#writer.position;
    this.#writer.raw(frame);
    putInt(this.#writer.bytes, start + 4, xid);
    this.frames++;
  }

  #finish(start: number): number | undefined {
    const size = this.#writer.position - start - 4;
    if (size > this.#frameBytesMax) {
      this.#writer.position = start;
      return size;
    }
    putInt(this.#writer.bytes, start, size);
    this.frames++;
    return undefined;
  }

  /** Returns a copy of all added bytes and empties the outbox. */
  take(): Buffer {
    const copy = Buffer.from(this.#writer.view());
    this.#writer.reset();
    return copy;
  }

  flush(link: Link): void {
    const writer = this.#writer;
    this.bytes += writer.position;
    this.#isLinkFree = link.write(writer.view());
    if (this.#isLinkFree && writer.bytes.length <= keptBytesMax) writer.reset();
    else this.#writer = new Writer(16 * 1024);
  }
}
