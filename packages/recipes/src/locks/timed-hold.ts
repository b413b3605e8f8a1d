import { type Stat, ZooKeeperError } from '@nodekeeper/client';
import { type Caller, isConnectionLoss } from '../foundation/call.js';
import { RecipeError } from '../foundation/errors.js';
import { isRenewed, SessionGuard } from '../foundation/session-guard.js';
import type { Held } from './hold.js';
import { decodeLease } from './lease-record.js';

/** The lease for which a `TimedHold` stands. */
interface Lease {
  readonly path: string;
  readonly stat: Stat;
  readonly holder: string;
  /** The time until which the lease certainly lasts, on the monotonic clock of the client. */
  readonly lastMs: number;
  readonly release: () => Promise<void>;
}

/** A hold that ends at a certain time, or earlier when another holder has the lease. */
export class TimedHold implements Held {
  readonly token: number;
  readonly path: string;
  readonly signal: AbortSignal;
  readonly #caller: Caller;
  readonly #lease: Lease;
  readonly #controller = new AbortController();
  readonly #cancelTimer: () => void;
  readonly #forgetClient: () => void;
  #isReleased = false;

  constructor(caller: Caller, lease: Lease) {
    const { scheduler } = caller.zk.ports;
    this.token = lease.stat.mzxid;
    this.path = lease.path;
    this.signal = this.#controller.signal;
    this.#caller = caller;
    this.#lease = lease;
    const leftMs = Math.max(0, lease.lastMs - scheduler.monotonicMs());
    this.#cancelTimer = scheduler.after(leftMs, () => this.#lose('LOST', 'the lease has ended'));
    // a closed client does not see the next holder; its timer must not keep the process running either
    const doubt = (reason: string) => this.#lose('IN_DOUBT', `it may be lost: ${reason}`);
    this.#forgetClient = SessionGuard.of(caller.zk).depend('closed', doubt);
    void this.#watch();
  }

  #lose(code: 'LOST' | 'IN_DOUBT', detail: string): void {
    if (this.#isReleased || this.signal.aborted) return;
    this.#controller.abort(new RecipeError(code, this.#caller, detail));
    this.#forget();
  }

  #forget(): void {
    this.#cancelTimer?.();
    this.#forgetClient?.();
    const watch = { kind: 'data', callback: this.#onChange, local: true } as const;
    this.#caller.zk.removeWatches(this.path, watch).catch(() => {});
  }

  readonly #onChange = (): void => {
    if (!this.#isReleased && !this.signal.aborted) void this.#watch();
  };

  async #watch(): Promise<void> {
    try {
      const { data } = await this.#caller.zk.get(this.path, { watch: this.#onChange });
      const { holder } = decodeLease(data, this.path, this.#caller);
      if (holder !== this.#lease.holder) this.#lose('LOST', 'another holder has the lease');
    } catch (error) {
      // the next read waits for a connection
      if (isConnectionLoss(error) || isRenewed(this.#caller.zk, error)) this.#onChange();
      else if (ZooKeeperError.is(error, 'NONODE')) this.#lose('LOST', `${this.path} was deleted`);
      else this.#lose('IN_DOUBT', `it may be lost: ${(error as Error).message}`);
    }
  }

  async release(): Promise<void> {
    if (this.#isReleased) throw new RecipeError('NOT_HELD', this.#caller);
    this.#isReleased = true;
    this.#forget();
    await this.#lease.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isReleased) await this.release();
  }
}
