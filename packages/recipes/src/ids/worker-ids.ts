import { type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import type { Call, Caller, WaitOptions } from '../foundation/call.js';
import { isInteger, oneOf } from '../foundation/checks.js';
import { RecipeError } from '../foundation/errors.js';
import { childOf } from '../foundation/parents.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';
import { runRenewing } from '../foundation/run-renewing.js';
import type { ConnectionPolicy } from '../foundation/session-guard.js';
import { type WallClockOptions, wallClockChecks, wallClockOf } from '../foundation/wall-clock.js';
import { type HeldNumber, WorkerNumbers } from './worker-numbers.js';

/** Options of `WorkerIds`. */
export interface WorkerIdsOptions extends RecipeOptions, WallClockOptions {
  /** The Unix time in milliseconds that is the time 0 of the ids. Default: the start of 2020 (UTC). */
  readonly epochMs?: number;
  /** When a worker number counts as lost. Default `suspend`: as soon as the connection is lost. */
  readonly policy?: ConnectionPolicy;
}

const workerBits = 10n;
const sequenceBits = 12n;
const sequenceMax = 2 ** Number(sequenceBits) - 1;
const timeMax = 2 ** 41 - 1;

/** How long a worker number is reserved by one write. No later owner of the number uses a time before its end. */
const reservationMs = 2000;
/** How far ids may be ahead of the clock: after a burst, after the clock went back, or after a takeover. */
const aheadMaxMs = 4000;

/** The state of the ids of one worker number. */
interface Worker {
  readonly held: HeldNumber;
  /** The time and the sequence number of the last id. */
  lastMs: number;
  sequence: number;
  /** Ids may have times before this one. */
  reservedMs: number;
  /** The version of the node with the reserved time; undefined if there is no node. */
  version: number | undefined;
}

/**
 * Unique ids of 63 bits that grow with time: 41 bits for the milliseconds, 10 for the number of the worker, 12 for a
 * sequence. A client claims a worker number for itself. It also writes down until which time it may use the number. The
 * next client with this number begins after that time, even if its clock is slow.
 */
export class WorkerIds implements AsyncDisposable {
  readonly #caller: Caller;
  readonly #numbers: WorkerNumbers;
  readonly #wallMs: () => number;
  readonly #epochMs: number;
  #worker: Worker | undefined;
  #preparing: Promise<void> | undefined;
  #isClosed = false;
  /** The largest time that the clock has shown. */
  #clockMs = Number.NEGATIVE_INFINITY;

  /** @param path the directory of the worker numbers; it is created when it is needed */
  constructor(zk: ZooKeeper, path: string, options: WorkerIdsOptions = {}) {
    const checks = { ...wallClockChecks, epochMs: isInteger(0), policy: oneOf('suspend', 'session') };
    this.#caller = callerOf(zk, 'WorkerIds', path, options, checks);
    const { acl, retry, policy } = options;
    this.#numbers = new WorkerNumbers(zk, childOf(path, 'workers'), {
      ...(acl && { acl }),
      ...(retry && { retry }),
      ...(policy && { policy }),
    });
    this.#wallMs = wallClockOf(options);
    this.#epochMs = options.epochMs ?? Date.UTC(2020, 0, 1);
  }

  /**
   * Returns an id. Most calls need no request. While the worker number is in doubt, the call waits until this client has
   * a number again.
   *
   * @throws `CLOCK_BACK` while the clock shows a much earlier time than before; `CLOSED` after `close`; `TIMEOUT`,
   * `ABORTED`; `SESSIONEXPIRED` if the session expires and the client does not renew it
   */
  next(options: WaitOptions = {}): Promise<bigint> {
    return runRenewing(this.#caller, options, async (call) => {
      for (;;) {
        if (this.#isClosed) throw new RecipeError('CLOSED', this.#caller, 'it was closed');
        call.check();
        const id = this.#tryNext();
        if (typeof id === 'bigint') return id;
        if (id === 'ahead') await call.sleep(1);
        else await this.#prepare(call);
      }
    });
  }

  /** Gives the worker number back. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#preparing?.catch(() => {});
    const worker = this.#worker;
    this.#worker = undefined;
    if (worker !== undefined) await worker.held[Symbol.asyncDispose]();
  }

  /** Calls `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Returns an id, or what must be done before there is one. */
  #tryNext(): bigint | 'ahead' | 'unprepared' {
    const nowMs = this.#nowMs();
    const worker = this.#worker;
    if (worker === undefined || worker.held.signal.aborted) return 'unprepared';
    let timeMs = Math.max(nowMs, worker.lastMs);
    let sequence = timeMs === worker.lastMs ? worker.sequence + 1 : 0;
    if (sequence > sequenceMax) {
      timeMs++;
      sequence = 0;
    }
    if (timeMs - nowMs > aheadMaxMs) return 'ahead';
    if (timeMs >= worker.reservedMs) return 'unprepared';
    worker.lastMs = timeMs;
    worker.sequence = sequence;
    return this.#idOf(timeMs, worker.held.number, sequence);
  }

  #nowMs(): number {
    const nowMs = Math.floor(this.#wallMs()) - this.#epochMs;
    if (!(nowMs >= 0 && nowMs <= timeMax - aheadMaxMs)) {
      throw new RecipeError('BADARGUMENTS', this.#caller, 'the time is before epochMs, or more than 69 years after it');
    }
    const backMs = this.#clockMs - nowMs;
    if (backMs > aheadMaxMs) throw new RecipeError('CLOCK_BACK', this.#caller, `the clock went back by ${backMs} ms`);
    this.#clockMs = Math.max(this.#clockMs, nowMs);
    return nowMs;
  }

  #idOf(timeMs: number, number: number, sequence: number): bigint {
    return (((BigInt(timeMs) << workerBits) | BigInt(number)) << sequenceBits) | BigInt(sequence);
  }

  // ---- the worker number and its reserved time

  async #prepare(call: Call): Promise<void> {
    // other calls need the number too, so the work continues when this call ends
    this.#preparing ??= runRenewing(this.#caller, {}, (own) => this.#prepareWorker(own)).finally(() => {
      this.#preparing = undefined;
    });
    await call.finish(this.#preparing);
  }

  async #prepareWorker(call: Call): Promise<void> {
    if (this.#worker?.held.signal.aborted) this.#dropWorker();
    const worker = this.#worker ?? (await this.#claim(call));
    this.#worker = worker;
    const reservedMs = Math.max(this.#nowMs(), worker.lastMs) + reservationMs;
    worker.version = await this.#writeReserved(call, worker, reservedMs);
    if (worker.version === undefined) this.#dropWorker();
    else worker.reservedMs = reservedMs;
  }

  #dropWorker(): void {
    void this.#worker?.held.release().catch(() => {});
    this.#worker = undefined;
  }

  /** Claims a number. Gives it back for another one if its last owner had a clock that was far ahead of this one. */
  async #claim(call: Call): Promise<Worker> {
    const unusable: HeldNumber[] = [];
    try {
      for (;;) {
        const held = await this.#numbers.claim({ signal: call.signal });
        unusable.push(held);
        const { lastMs, version } = await this.#readReserved(call, held.number);
        if (lastMs - this.#nowMs() > aheadMaxMs) continue;
        unusable.pop();
        return { held, lastMs, version, sequence: sequenceMax, reservedMs: lastMs };
      }
    } finally {
      for (const held of unusable) void held.release().catch(() => {});
    }
  }

  #reservedPath(number: number): string {
    return childOf(childOf(this.#caller.path, 'reserved'), String(number));
  }

  /** Returns the time until which an earlier owner of the number may have made ids; 0 if there was no earlier owner. */
  async #readReserved(call: Call, number: number): Promise<Pick<Worker, 'lastMs' | 'version'>> {
    const { zk } = this.#caller;
    const path = this.#reservedPath(number);
    try {
      const { data, stat } = await call.retry(() => zk.get(path, call.limits));
      const text = String(data);
      if (/^\d{1,16}$/.test(text)) return { lastMs: Math.max(0, Number(text) - this.#epochMs), version: stat.version };
      throw new RecipeError('BAD_NODE', this.#caller, `${path} must have a time in milliseconds`);
    } catch (error) {
      if (ZooKeeperError.is(error, 'NONODE')) return { lastMs: 0, version: undefined };
      throw error;
    }
  }

  /**
   * Returns the new version of the node. Returns undefined if another client has written it, or a lost reply looks like
   * that: this client may not use the number any more then.
   */
  async #writeReserved(call: Call, { held, version }: Worker, reservedMs: number): Promise<number | undefined> {
    const { zk, acl } = this.#caller;
    const path = this.#reservedPath(held.number);
    const data = String(reservedMs + this.#epochMs);
    try {
      return await call.retry(async () => {
        if (version !== undefined) return (await zk.set(path, data, { version, ...call.limits })).version;
        return (await zk.createWithParents(path, data, { ...(acl && { acl }), ...call.limits })).stat.version;
      });
    } catch (error) {
      if (ZooKeeperError.is(error) && ['BADVERSION', 'NODEEXISTS', 'NONODE'].includes(error.code)) return undefined;
      throw error;
    }
  }
}
