import type { Accept, Transport, TransportHandler } from '../ports/network.js';

/** Elections end at different times at different servers, but not by more than this. */
const waitMs = 1000;
const learnersMax = 64;
/** What a learner says before it is answered is shorter. */
const heldBytesMax = 8 * 1024;

interface Early {
  readonly untilMs: number;
  held: Buffer[];
  heldBytes: number;
  /** Set when a leader has taken it. */
  handler: TransportHandler | undefined;
}

/**
 * Learners that call before this server knows that it leads. They wait for a moment: a Java server that is hung up on
 * takes its leader for lost, and votes again.
 */
export class EarlyLearners {
  readonly #waiting = new Map<Transport, Early>();

  /** Undefined: there are too many already. */
  take(transport: Transport, nowMs: number): TransportHandler | undefined {
    if (this.#waiting.size >= learnersMax) return undefined;
    const early: Early = { untilMs: nowMs + waitMs, held: [], heldBytes: 0, handler: undefined };
    this.#waiting.set(transport, early);
    return {
      receive: (chunk) => {
        if (early.handler !== undefined) early.handler.receive(chunk);
        else this.#hold(transport, early, chunk);
      },
      drained: () => early.handler?.drained(),
      ended: () => {
        if (early.handler !== undefined) early.handler.ended();
        else this.#hangUp(transport);
      },
      closed: (reason) => {
        this.#waiting.delete(transport);
        early.handler?.closed(reason);
      },
    };
  }

  #hold(transport: Transport, early: Early, chunk: Buffer): void {
    early.held.push(Buffer.from(chunk));
    early.heldBytes += chunk.length;
    if (early.heldBytes > heldBytesMax) this.#hangUp(transport);
  }

  #hangUp(transport: Transport): void {
    if (this.#waiting.delete(transport)) transport.destroy();
  }

  /** This server leads: all are its learners now. */
  handOver(accept: Accept): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [transport, early] of waiting) {
      early.handler = accept(transport);
      if (early.handler === undefined) transport.destroy();
      for (const chunk of early.held) early.handler?.receive(chunk);
      early.held = [];
    }
  }

  tick(nowMs: number): void {
    for (const [transport, { untilMs }] of this.#waiting) if (nowMs >= untilMs) this.#hangUp(transport);
  }

  /** This server does not lead: they are wrong here. */
  clear(): void {
    for (const transport of this.#waiting.keys()) this.#hangUp(transport);
  }
}
