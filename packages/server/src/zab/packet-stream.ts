import { Reader } from '@nodekeeper/protocol';
import { StreamInput } from '../storage/index.js';
import { decodePacket, type Packet, PacketScan } from './packets.js';

/**
 * Reads the snapshot that follows a SNAP packet, chunk by chunk. Returns undefined until the snapshot is complete, and
 * then the bytes that follow the snapshot.
 */
type RawReader = (bytes: Buffer) => Buffer | undefined;

/**
 * Splits the stream of a peer connection into packets. A packet does not start with its length, so its end must be
 * searched for. When the next chunk arrives, the search continues where it stopped. A packet is decoded once, when it
 * is complete. A snapshot within the stream is passed to a separate reader.
 */
export class PacketStream {
  readonly #onPacket: (packet: Packet) => void;
  /** The largest allowed size of a packet. A longer packet causes a `ProtocolError`. */
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

  /** Passes the bytes that follow the current packet to `reader`, until `reader` reports the end of the snapshot. */
  readRaw(reader: RawReader): void {
    this.#raw = reader;
  }

  /** Stops reading, and drops the bytes that are received but not read. */
  end(): void {
    this.#isOver = true;
    this.#input = new StreamInput();
  }

  /**
   * Reads a chunk, and copies the part that is not a complete packet yet. The packet that `onPacket` receives is valid
   * only during that call. Throws `ProtocolError`.
   */
  push(chunk: Buffer): void {
    this.#input.add(chunk);
    while (!this.#isOver && this.#readOne(this.#input));
    if (!this.#isOver) this.#input.keepRest();
  }

  /** Reads one packet, or a part of a snapshot. Returns false if more bytes must arrive first. */
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
