import { putInt, Writer } from '@nodekeeper/protocol';
import type { Operation } from './operation.js';
import type { Link } from './ports.js';

const keptBytesMax = 1024 * 1024;
/** Gathering more does not make the write any cheaper, and the server could be at work on these. */
const enoughBytes = 64 * 1024;
/** Length, xid and op code. */
const headerBytes = 12;

/** Frames on their way out: written one behind the other, sent with one write. */
export class Outbox {
  #writer = new Writer(16 * 1024);
  readonly #frameBytesMax: number;
  #isLinkFree = true;
  /** Frames and bytes sent so far. */
  frames = 0;
  bytes = 0;

  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax;
  }

  get isEmpty(): boolean {
    return this.#writer.position === 0;
  }

  /** Whether to send at once instead of gathering more; not where it would only wait in the link. */
  get hasEnough(): boolean {
    return this.#writer.position >= enoughBytes && this.#isLinkFree;
  }

  /** Adds a frame; a number is its size when that is over the limit, and then nothing was added. */
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

  /** A record without a header: the connect request. */
  addBare<Body>(write: (writer: Writer, body: Body) => void, body: Body): void {
    const start = this.#writer.position;
    this.#writer.int(0);
    write(this.#writer, body);
    this.#finish(start);
  }

  /** A frame that `take` gave, now with its xid. */
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

  /** The bytes of everything added, as a copy; the outbox is empty afterwards. */
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
