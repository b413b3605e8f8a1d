import type { Scheduler } from '../ports/scheduler.js';
import { Turns } from './turns.js';

/** A connection that collects bytes during an event and sends them when the event ends. */
interface Flushable {
  flush(): void;
}

/**
 * Starts and ends events. An event is a call from outside the core: bytes of a client or of another server, a timer, or
 * the disk. An event begins by reading the clocks. It ends by sending its output, so that each socket is written to
 * once. Events do not nest.
 */
export class Events {
  /** The clocks' values at the start of the current event. */
  nowMs: number;
  wallMs: number;
  readonly turns: Turns;
  readonly #scheduler: Scheduler;
  readonly #ended: () => void;
  #toFlush: Flushable[] = [];

  /** @param ended called at the end of each event, after all output of the event was sent */
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
