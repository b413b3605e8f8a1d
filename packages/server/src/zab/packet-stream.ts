import { ProtocolError, Reader } from '@nodekeeper/protocol';
import { decodePacket, type Packet } from './packets.js';

/** Takes the bytes behind a SNAP packet; gives what is left when the snapshot is whole, undefined while it is not. */
export type RawReader = (bytes: Buffer) => Buffer | undefined;

/**
 * Cuts the stream of a peer connection into packets. They have no length in front, so a packet is looked at again when
 * more of it is here; a snapshot in the middle goes to a reader of its own.
 */
export class PacketStream {
  readonly #onPacket: (packet: Packet) => void;
  /** A packet that is longer is not waited for. */
  bytesMax: number;
  #pending: Buffer = Buffer.alloc(0);
  #raw: RawReader | undefined;
  readonly #reader = new Reader(Buffer.alloc(0));
  #isOver = false;

  constructor(onPacket: (packet: Packet) => void, bytesMax: number) {
    this.#onPacket = onPacket;
    this.bytesMax = bytesMax;
  }

  /** From here on bytes go to `reader`, until it gives some back. */
  readRaw(reader: RawReader): void {
    this.#raw = reader;
  }

  /** Nothing more is read, not even what is here. */
  end(): void {
    this.#isOver = true;
    this.#pending = noBytes;
  }

  /** Takes a chunk, which is kept only as a copy; packets are good during their call. Throws `ProtocolError`. */
  push(chunk: Buffer): void {
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const reader = this.#reader.reset(bytes);
    while (reader.remaining > 0 && !this.#isOver && this.#readOne(reader));
    const left = this.#isOver ? 0 : reader.remaining;
    this.#pending = left === 0 ? noBytes : Buffer.from(bytes.subarray(reader.position));
    if (left > this.bytesMax) throw new ProtocolError(`a packet of more than ${this.bytesMax} bytes`);
  }

  /** False when what is left is no whole packet; the reader stands in front of it then. */
  #readOne(reader: Reader): boolean {
    const start = reader.position;
    if (this.#raw !== undefined) {
      const left = this.#raw(reader.bytes.subarray(start));
      reader.position = reader.end - (left?.length ?? 0);
      if (left !== undefined) this.#raw = undefined;
      return left !== undefined;
    }
    const packet = decodePacket(reader);
    if (packet === undefined) {
      reader.position = start;
      return false;
    }
    this.#onPacket(packet);
    return true;
  }
}

const noBytes: Buffer = Buffer.alloc(0);
