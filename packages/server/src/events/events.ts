import type { Scheduler } from '../ports/scheduler.js';
import { Turns } from './turns.js';

/** A connection whose bytes are sent when the event ends. */
interface Flushable {
  flush(): void;
}

/**
 * Every call from outside (bytes of a client or a peer, a timer, the disk) is an event. It begins by reading the clocks
 * and ends by sending its output, so that each socket is written to once. Events do not nest.
 */
export class Events {
  /** The clocks, read once per event. */
  nowMs: number;
  wallMs: number;
  readonly turns: Turns;
  readonly #scheduler: Scheduler;
  readonly #ended: () => void;
  #toFlush: Flushable[] = [];

  /** @param ended called at the end of each event, after all output was sent */
  constructor(scheduler: Scheduler, ended: () => void) {
    this.#scheduler = scheduler;
    this.#ended = ended;
    this.nowMs = scheduler.monotonicMs();
    this.wallMs = scheduler.wallMs();
    this.turns = new Turns(scheduler, this);
  }

  begin(): void {
    this.nowMs = this.#scheduler.monotonicMs();
    this.wallMs = this.#scheduler.wallMs();
    this.turns.begin(this.nowMs);
  }

  end(): void {
    while (this.#toFlush.length > 0) {
      const toFlush = this.#toFlush;
      this.#toFlush = [];
      for (const each of toFlush) each.flush();
    }
    this.#ended();
  }

  flushAtEnd(flushable: Flushable): void {
    this.#toFlush.push(flushable);
  }
}
