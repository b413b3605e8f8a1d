import type { Link, LinkHandler, Ports, Scheduler, ServerAddress } from '../../src/core/ports.js';
import { addressText } from '../../src/core/ports.js';

interface Timer {
  readonly dueMs: number;
  readonly work: () => void;
}

/** A clock that only the test moves. */
export class ManualScheduler implements Scheduler {
  nowMs = 1000;
  #turns: (() => void)[] = [];
  readonly #timers = new Set<Timer>();

  monotonicMs(): number {
    return this.nowMs;
  }

  nextTurn(work: () => void): void {
    this.#turns.push(work);
  }

  after(delayMs: number, work: () => void): () => void {
    const timer = { dueMs: this.nowMs + delayMs, work };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  /** Runs the work that `nextTurn` has scheduled. */
  runTurns(): void {
    while (this.#turns.length > 0) for (const work of this.#turns.splice(0)) work();
  }

  /** Moves the clock forward, and runs the timers that become due. */
  advance(durationMs: number): void {
    const untilMs = this.nowMs + durationMs;
    for (;;) {
      const [next] = [...this.#timers].filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      next.work();
      this.runTurns();
    }
    this.nowMs = untilMs;
  }

  /** Moves the clock forward without running a timer, as in a process that is suspended. */
  stall(durationMs: number): void {
    this.nowMs += durationMs;
  }
}

/** A connection whose other end is the test. */
export class ManualLink implements Link {
  isDestroyed = false;
  /** If false, the link keeps the buffers that it gets, like a socket that cannot send at once. */
  isFree = true;
  writes: Buffer[] = [];

  constructor(
    readonly server: ServerAddress,
    private readonly handler: LinkHandler,
    private readonly scheduler: ManualScheduler,
  ) {}

  get address(): string {
    return addressText(this.server);
  }

  write(bytes: Buffer): boolean {
    if (this.isDestroyed) throw new Error('a write to a destroyed link');
    this.writes.push(this.isFree ? Buffer.from(bytes) : bytes);
    if (this.isFree) bytes.fill(0xee);
    return this.isFree;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  /** Returns all bytes that the client has written since the last call. */
  take(): Buffer {
    return Buffer.concat(this.writes.splice(0));
  }

  connect(): void {
    this.#call(() => this.handler.connected());
  }

  receive(bytes: Uint8Array): void {
    const lent = Buffer.from(bytes);
    this.#call(() => this.handler.received(lent));
    lent.fill(0xee);
  }

  close(reason = 'the server closed the connection'): void {
    this.#call(() => this.handler.closed(reason));
    this.isDestroyed = true;
  }

  #call(work: () => void): void {
    if (!this.isDestroyed) work();
    this.scheduler.runTurns();
  }
}

/** The clock, random numbers and connections of a session, under the control of the test. */
export class ManualPorts implements Ports {
  readonly scheduler = new ManualScheduler();
  readonly links: ManualLink[] = [];

  constructor(readonly random: () => number = () => 0.5) {}

  readonly dial = (server: ServerAddress, handler: LinkHandler): ManualLink => {
    const link = new ManualLink(server, handler, this.scheduler);
    this.links.push(link);
    return link;
  };

  /** The most recent connection of the session. */
  get link(): ManualLink {
    return this.links.at(-1)!;
  }
}
