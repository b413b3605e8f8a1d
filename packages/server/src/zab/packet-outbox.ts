import type { Transport } from '../ports/network.js';

/** Bytes that take more than one turn to send. */
interface Bulk {
  /** The next slice, possibly empty; undefined after the last. */
  next(): Buffer | undefined;
  abort(): void;
}

interface Sending {
  readonly bulk: Bulk;
  readonly progressed: () => void;
  readonly ended: () => void;
}

/**
 * The packets to another server that are not sent yet. All packets of a turn leave with one write. A bulk is sent slice
 * by slice, as fast as the connection takes it. Packets that are sent during a bulk are held until the bulk is
 * complete.
 */
export class PacketOutbox {
  readonly #transport: Transport;
  readonly #nextTurn: (work: () => void) => void;
  #packets: Buffer[] = [];
  #isFlushDue = false;
  #sending: Sending | undefined;
  #held: Buffer[] | undefined;
  #isClosed = false;

  constructor(transport: Transport, nextTurn: (work: () => void) => void) {
    this.#transport = transport;
    this.#nextTurn = nextTurn;
  }

  send(packet: Buffer): void {
    if (this.#isClosed) return;
    if (this.#held !== undefined) {
      this.#held.push(packet);
      return;
    }
    this.#packets.push(packet);
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    this.#nextTurn(() => this.#flush());
  }

  #flush(): void {
    this.#isFlushDue = false;
    const first = this.#packets[0];
    if (this.#isClosed || first === undefined) return;
    const bytes = this.#packets.length === 1 ? first : Buffer.concat(this.#packets);
    this.#packets = [];
    this.#transport.write(bytes);
  }

  // ---- a bulk

  /** True while packets are held: from `sendBulk` until `sendHeld` or `dropHeld`. */
  get isHolding(): boolean {
    return this.#held !== undefined;
  }

  /** Calls `progressed` before each slice, and `ended` after the last. */
  sendBulk(bulk: Bulk, progressed: () => void, ended: () => void): void {
    this.#flush();
    this.#sending = { bulk, progressed, ended };
    this.#held = [];
    this.#nextTurn(() => this.#sendSlice());
  }

  /** The connection can take more bytes. */
  drained(): void {
    this.#sendSlice();
  }

  #sendSlice(): void {
    const sending = this.#sending;
    if (sending === undefined || this.#isClosed || this.#transport.unsentBytes > 0) return;
    const slice = sending.bulk.next();
    if (slice === undefined) {
      this.#sending = undefined;
      sending.ended();
      return;
    }
    sending.progressed();
    if (slice.length === 0 || this.#transport.write(slice)) this.#nextTurn(() => this.#sendSlice());
  }

  sendHeld(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const packet of held) this.send(packet);
  }

  dropHeld(): void {
    this.#held = undefined;
  }

  close(): void {
    this.#isClosed = true;
    this.#sending?.bulk.abort();
    this.#transport.destroy();
  }
}
