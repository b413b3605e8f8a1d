import type { Transport, TransportHandler } from '../ports/network.js';
import type { Network } from './network.js';
import type { Process } from './process.js';

/** Called for all bytes that are written to a connection. */
export type Tap = (end: End, bytes: Buffer) => void;

/**
 * Data in flight, or the end of the data. `over` is `end` if the stream has ended, otherwise the reason why the
 * connection broke.
 */
type Item = { readonly bytes: Buffer; readonly readyMs: number } | { readonly over: string; readonly readyMs: number };

/** One side of a connection. It holds the data in flight from the other side. */
export class End implements Transport {
  /** The address that this side sees of the other side. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly process: Process;
  handler: TransportHandler | undefined;
  other!: End;
  /** True if nothing can be written or read on this side any more. */
  isOver = false;
  readonly #network: Network;
  readonly #life: number;
  #incoming: Item[] = [];
  #incomingBytes = 0;
  #lastReadyMs = 0;
  #isPaused = false;
  #isPumping = false;
  #mustDrain = false;
  /** True if this side was destroyed, but its handler has not been notified yet. */
  #isClosing = false;

  constructor(
    network: Network,
    readonly owner: string,
    /** The machine of the other side. */
    readonly remoteHost: string,
    /** The port of the side that listens. */
    readonly port: number,
    readonly isDialer: boolean,
  ) {
    this.#network = network;
    this.process = network.hosts.get(owner)!.process;
    this.remoteAddress = network.hosts.get(remoteHost)!.address ?? remoteHost;
    this.#life = this.process.life;
    this.remotePort = isDialer ? port : 40_000;
  }

  // ---- methods that the owner of this side calls

  get unsentBytes(): number {
    return Math.max(0, this.other.#incomingBytes - this.#network.rates.windowBytes);
  }

  write(bytes: Buffer): boolean {
    if (this.isOver || this.#isClosing) return false;
    this.#network.tap(this, bytes);
    if (!this.other.#isThere) {
      // the remote machine answers with a reset, unless it is off
      if (this.#network.hosts.get(this.remoteHost)!.isOn) this.breaks('ECONNRESET', this.#delayMs());
      return true;
    }
    this.other.#take({ bytes: Buffer.from(this.#network.spoil(this, bytes)), readyMs: this.#arrivalMs() });
    const isTaken = this.unsentBytes === 0;
    if (!isTaken) this.#mustDrain = true;
    return isTaken;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.pump();
  }

  end(): void {
    if (this.isOver || this.#isClosing) return;
    this.other.#take({ over: 'end', readyMs: this.#arrivalMs() });
  }

  destroy(): void {
    if (this.isOver || this.#isClosing) return;
    this.#isClosing = true;
    const isReset = this.#incoming.length > 0 || this.#network.random() < this.#network.rates.tailLost;
    if (isReset) this.other.breaks('ECONNRESET', this.#delayMs());
    else this.other.#take({ over: 'end', readyMs: this.#arrivalMs() });
    this.breaks('closed here');
  }

  /** Called when the dialling side no longer wants the connection. */
  abandon(): void {
    this.destroy();
  }

  get #isThere(): boolean {
    return !this.isOver && this.process.life === this.#life;
  }

  #delayMs(): number {
    return this.#network.delayMs(this.owner, this.remoteHost);
  }

  #arrivalMs(): number {
    const { world } = this.#network;
    this.other.#lastReadyMs = Math.max(
      this.other.#lastReadyMs + this.#network.rates.gapMs,
      world.nowMs + this.#delayMs(),
    );
    return this.other.#lastReadyMs;
  }

  // ---- incoming data

  #take(item: Item): void {
    if (!this.#isThere) return;
    this.#incoming.push(item);
    if ('bytes' in item) this.#incomingBytes += item.bytes.length;
    this.pump();
  }

  /** Plans the delivery of the next chunk at the time when it is due. */
  pump(): void {
    const first = this.#incoming[0];
    if (this.#isPumping || first === undefined || !this.#isThere || this.#isPaused) return;
    if (this.#network.isCut(this.remoteHost, this.owner)) return;
    this.#isPumping = true;
    this.process.post(first.readyMs - this.#network.world.nowMs, () => {
      this.#isPumping = false;
      this.#deliver();
      this.pump();
    });
  }

  #deliver(): void {
    const first = this.#incoming[0];
    if (first === undefined || this.isOver || this.#isClosing || this.#isPaused) return;
    if (this.#network.isCut(this.remoteHost, this.owner)) return;
    // the connection exists, but its handler is not set yet, so the data must wait
    if (this.handler === undefined) {
      this.#incoming[0] = { ...first, readyMs: this.#network.world.nowMs + this.#network.rates.handlerMs };
      return;
    }
    if ('over' in first) {
      this.#incoming.shift();
      this.#ended(first.over);
      return;
    }
    const chunk = this.#nextChunk();
    this.#incomingBytes -= chunk.length;
    this.#tellDrained();
    this.handler.receive(chunk);
    // overwrites the chunk after use, so that code that keeps a reference to the chunk fails
    chunk.fill(0xee);
  }

  /** Removes all data that has arrived, or a part of it, from the incoming data. */
  #nextChunk(): Buffer {
    const { random, rates, world } = this.#network;
    const parts: Buffer[] = [];
    for (let item = this.#incoming[0]; item !== undefined; item = this.#incoming[0]) {
      if (!('bytes' in item) || item.readyMs > world.nowMs) break;
      parts.push(item.bytes);
      this.#incoming.shift();
      if (random() < 0.5) break;
    }
    const all = Buffer.concat(parts);
    if (all.length < 2 || random() >= rates.cut) return all;
    const size = 1 + Math.floor(random() * (all.length - 1));
    this.#incoming.unshift({ bytes: all.subarray(size), readyMs: world.nowMs + random() });
    return Buffer.from(all.subarray(0, size));
  }

  #tellDrained(): void {
    const sender = this.other;
    if (!sender.#mustDrain || sender.isOver || sender.unsentBytes > 0) return;
    sender.#mustDrain = false;
    sender.process.post(0, () => {
      if (sender.#isThere) sender.handler?.drained();
    });
  }

  /** Called when the last byte of the other side has arrived. This side then closes the connection too. */
  #ended(reason: string): void {
    const { handler } = this;
    if (reason === 'end') handler?.ended();
    if (this.isOver) return;
    this.#close();
    if (!this.other.isOver) this.other.breaks('the other side closed the connection', this.#delayMs());
    handler?.closed('the other side closed the connection');
  }

  #close(): void {
    this.isOver = true;
    this.#incoming = [];
    this.#incomingBytes = 0;
    this.#network.ends.delete(this);
  }

  // ---- faults

  breaks(reason: string, delayMs = 0): void {
    if (!this.#isThere) return;
    this.process.post(delayMs, () => {
      if (this.isOver) return;
      const { handler } = this;
      this.#close();
      handler?.closed(reason);
    });
  }

  /** Makes the connection half-open: data in flight to this side is lost. The process notices only when it writes. */
  losesIncoming(): void {
    this.#incoming = [];
    this.#incomingBytes = 0;
  }

  /** Called when the process of this side has ended. */
  orphan(how: 'kill' | 'power'): void {
    const { other } = this;
    this.#close();
    if (other.isOver) return;
    const { random, rates } = this.#network;
    if (random() < rates.tailLost) other.#loseTail();
    if (how === 'kill') other.#take({ over: 'reset', readyMs: this.#arrivalMs() });
  }

  /** Loses the last part of the data in flight to this side, from a random position on. */
  #loseTail(): void {
    const kept = Math.floor(this.#network.random() * (this.#incoming.length + 1));
    this.#incoming = this.#incoming.slice(0, kept);
    this.#incomingBytes = this.#incoming.reduce((sum, item) => sum + ('bytes' in item ? item.bytes.length : 0), 0);
  }
}
