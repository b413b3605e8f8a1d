import type { Transport } from '../ports/network.js';

/** Data that is too large to send in one turn of the event loop: a snapshot, or transactions from the logs. */
interface Bulk {
  /** The next slice, which may be empty; undefined after the last slice. */
  next(): Buffer | undefined;
  abort(): void;
}

interface Sending {
  readonly bulk: Bulk;
  readonly progressed: () => void;
  readonly ended: () => void;
}

/**
 * The packets queued for one other server. All packets queued in one event-loop turn go out in a single write. A bulk
 * transfer, such as a snapshot, is written slice by slice, as fast as the connection accepts the bytes. Packets queued
 * during a bulk transfer wait until it is complete.
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

  // ---- bulk transfers

  /** True while packets are held back: from `sendBulk` until `sendHeld` or `dropHeld`. */
  get isHolding(): boolean {
    return this.#held !== undefined;
  }

  /** Sends a bulk. Calls `progressed` before each slice, and `ended` after the last slice. */
  sendBulk(bulk: Bulk, progressed: () => void, ended: () => void): void {
    this.#flush();
    this.#sending = { bulk, progressed, ended };
    this.#held = [];
    this.#nextTurn(() => this.#sendSlice());
  }

  /** Called when the connection can accept more bytes. */
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
