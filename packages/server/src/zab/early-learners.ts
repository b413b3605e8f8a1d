import type { Accept, Transport, TransportHandler } from '../ports/network.js';

/**
 * How long a learner's connection is held. The learner may know the result of the election this much earlier than this
 * server.
 */
const waitMs = 1000;
const learnersMax = 64;
/** The largest number of held bytes of one connection. A learner sends fewer bytes before the leader answers. */
const heldBytesMax = 8 * 1024;

interface Early {
  readonly untilMs: number;
  held: Buffer[];
  heldBytes: number;
  /** The leader's handler of this connection; undefined until the leader accepts the connection. */
  handler: TransportHandler | undefined;
}

/**
 * Holds the connections of learners that connect before this server knows that it leads. If this server closed such a
 * connection, a ZooKeeper learner would consider its leader lost and start another election.
 */
export class EarlyLearners {
  readonly #waiting = new Map<Transport, Early>();

  /** Holds the connection. Returns undefined if too many connections are held already. */
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
        else this.#disconnect(transport);
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
    if (early.heldBytes > heldBytesMax) this.#disconnect(transport);
  }

  #disconnect(transport: Transport): void {
    if (this.#waiting.delete(transport)) transport.destroy();
  }

  /** Called when this server leads. Passes the held connections to the leader. */
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
    for (const [transport, { untilMs }] of this.#waiting) if (nowMs >= untilMs) this.#disconnect(transport);
  }

  /** Called when this server does not lead. Closes the held connections. */
  clear(): void {
    for (const transport of this.#waiting.keys()) this.#disconnect(transport);
  }
}
