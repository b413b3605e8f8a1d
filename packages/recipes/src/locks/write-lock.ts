import type { Data } from '@nodekeeper/client';
import { type Call, runCall } from '../foundation/call.js';
import { RecipeError } from '../foundation/errors.js';
import type { ConnectionPolicy } from '../foundation/session-guard.js';
import type { TurnRule, WaitingLine } from '../line/waiting-line.js';
import type { Held, LineHold } from './hold.js';
import { type AcquireOptions, LineLock } from './line-lock.js';
import type { OwnedHold } from './owners.js';
import type { ReadLock } from './read-lock.js';

/** A hold of the writing side of a `ReadWriteLock`. */
export interface WriteHeld extends Held {
  /**
   * Turns this hold into one for reading, and returns that one. No writer can hold the lock in between. Readers that
   * wait directly after this writer then hold the lock too.
   *
   * @throws `NOT_HELD` if this hold was released already; the reason of the loss if it is lost or in doubt
   */
  downgrade(): Promise<Held>;
}

/** The writing side of a `ReadWriteLock`. One client holds it, while no client holds the reading side. */
export class WriteLock extends LineLock {
  readonly #reading: ReadLock;

  /** @internal */
  constructor(line: WaitingLine, rule: TurnRule, policy: ConnectionPolicy, data: Data, reading: ReadLock) {
    super(line, rule, policy, data);
    this.#reading = reading;
    reading.writers = this.owners;
  }

  override async acquire(options: AcquireOptions = {}): Promise<WriteHeld> {
    return (await this.#acquire(options, true))!;
  }

  override tryAcquire(options: AcquireOptions = {}): Promise<WriteHeld | undefined> {
    return this.#acquire(options, false);
  }

  async #acquire(options: AcquireOptions, waits: boolean): Promise<WriteHeld | undefined> {
    const held = await runCall(this.line.caller, options, (call) => this.enter(call, options, waits));
    return held && new DowngradableHold(held, () => this.#downgrade(held, options));
  }

  /** @internal */
  override async enter(call: Call, options: AcquireOptions, waits: boolean): Promise<LineHold | OwnedHold | undefined> {
    const { owner } = options;
    if (owner !== undefined && this.#reading.owners.has(owner) && !this.owners.has(owner)) {
      const detail = 'the owner holds the lock for reading, so it would wait for itself: release that hold first';
      throw new RecipeError('DEADLOCK', this.line.caller, detail);
    }
    return super.enter(call, options, waits);
  }

  #downgrade(held: LineHold | OwnedHold, options: AcquireOptions): Promise<Held> {
    const { caller } = this.line;
    return runCall(caller, {}, async (call) => {
      if (held.isReleased) throw new RecipeError('NOT_HELD', caller);
      held.signal.throwIfAborted();
      const reads =
        options.owner === undefined
          ? this.#reading.besides(call, held, options)
          : this.#reading.enter(call, options, true);
      const reading = (await reads)!;
      try {
        await held.release();
        return reading;
      } catch (error) {
        // the program has released or downgraded the hold in the meantime
        await reading.release();
        throw error;
      }
    });
  }
}

class DowngradableHold implements WriteHeld {
  readonly token: number;
  readonly path: string;
  readonly signal: AbortSignal;
  readonly #held: Held;
  readonly #downgrade: () => Promise<Held>;

  constructor(held: Held, downgrade: () => Promise<Held>) {
    this.token = held.token;
    this.path = held.path;
    this.signal = held.signal;
    this.#held = held;
    this.#downgrade = downgrade;
  }

  release(): Promise<void> {
    return this.#held.release();
  }

  async downgrade(): Promise<Held> {
    return this.#downgrade();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#held[Symbol.asyncDispose]();
  }
}
