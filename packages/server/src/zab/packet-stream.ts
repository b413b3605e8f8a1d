import { Reader } from '@nodekeeper/protocol';
import { StreamInput } from '../storage/index.js';
import { decodePacket, type Packet, PacketScan } from './packets.js';

/** Takes the bytes after a SNAP packet. Returns those after the snapshot when it is complete, and undefined before. */
type RawReader = (bytes: Buffer) => Buffer | undefined;

/**
 * Splits the stream of a peer connection into packets. A packet does not start with its length, so the scan continues
 * with each chunk where it stopped. A packet is decoded once, when it is complete. A snapshot in the stream goes to its
 * own reader.
 */
export class PacketStream {
  readonly #onPacket: (packet: Packet) => void;
  /** A longer packet is an error. */
  bytesMax: number;
  #input = new StreamInput();
  readonly #scan = new PacketScan();
  #raw: RawReader | undefined;
  readonly #reader = new Reader(Buffer.alloc(0));
  #isOver = false;

  constructor(onPacket: (packet: Packet) => void, bytesMax: number) {
    this.#onPacket = onPacket;
    this.bytesMax = bytesMax;
  }

  /** Passes the next bytes to `reader`, until it returns the bytes after the snapshot. */
  readRaw(reader: RawReader): void {
    this.#raw = reader;
  }

  /** Stops reading, and drops the bytes that are here. */
  end(): void {
    this.#isOver = true;
    this.#input = new StreamInput();
  }

  /**
   * Reads a chunk, and keeps a copy of the unread rest. A packet is valid only during its call. Throws `ProtocolError`.
   */
  push(chunk: Buffer): void {
    this.#input.add(chunk);
    while (!this.#isOver && this.#readOne(this.#input));
    if (!this.#isOver) this.#input.keepRest();
  }

  /** Returns false if the rest is not a whole packet. */
  #readOne(input: StreamInput): boolean {
    const { bytes, at, end } = input;
    if (at === end) return false;
    if (this.#raw !== undefined) {
      const left = this.#raw(bytes.subarray(at, end));
      input.at = end - (left?.length ?? 0);
      if (left !== undefined) this.#raw = undefined;
      return left !== undefined;
    }
    if (!this.#scan.isWhole(bytes, at, end - at, this.bytesMax)) return false;
    input.at = at + this.#scan.needed;
    this.#scan.reset();
    this.#onPacket(decodePacket(this.#reader.reset(bytes, at, input.at)));
    return true;
  }
}
