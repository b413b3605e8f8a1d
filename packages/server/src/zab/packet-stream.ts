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
  readonly #bytesMax: number;
  #pending: Buffer = Buffer.alloc(0);
  #raw: RawReader | undefined;
  readonly #reader = new Reader(this.#pending);
  #isOver = false;

  /** `bytesMax`: a packet that is longer is not waited for. */
  constructor(onPacket: (packet: Packet) => void, bytesMax: number) {
    this.#onPacket = onPacket;
    this.#bytesMax = bytesMax;
  }

  /** From here on bytes go to `reader`, until it gives some back. */
  readRaw(reader: RawReader): void {
    this.#raw = reader;
  }

  /** Nothing more is read, not even what is here. */
  end(): void {
    this.#isOver = true;
    this.#pending = Buffer.alloc(0);
  }

  /** Takes a chunk, which is kept only as a copy; packets are good during their call. Throws `ProtocolError`. */
  push(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length > 0 && !this.#isOver && this.#readOne());
    if (this.#pending.length > 0) this.#pending = Buffer.from(this.#pending);
    if (this.#pending.length > this.#bytesMax) {
      throw new ProtocolError(`a packet of more than ${this.#bytesMax} bytes`);
    }
  }

  #readOne(): boolean {
    const pending = this.#pending;
    if (this.#raw !== undefined) {
      const left = this.#raw(pending);
      this.#pending = left ?? Buffer.alloc(0);
      if (left === undefined) return false;
      this.#raw = undefined;
      return true;
    }
    const reader = this.#reader.reset(pending);
    const packet = decodePacket(reader);
    if (packet === undefined) return false;
    this.#pending = pending.subarray(reader.position);
    this.#onPacket(packet);
    return true;
  }
}
