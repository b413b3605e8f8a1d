import { type Stat, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { type Call, type Caller, runCall, type WaitOptions } from '../foundation/call.js';
import { isInteger, isText } from '../foundation/checks.js';
import { RecipeError } from '../foundation/errors.js';
import { childOf } from '../foundation/parents.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';
import { isRenewed } from '../foundation/session-guard.js';
import { firstOnly, type Ticket, type TurnRule, WaitingLine } from '../line/waiting-line.js';
import type { Held } from './hold.js';
import { decodeLease, encodeLease, leaseVersion } from './lease-record.js';
import { TimedHold } from './timed-hold.js';

/** Options of a `NonBlockingLease`. `durationMs` and `holder` are required. */
export interface LeaseOptions extends RecipeOptions {
  /** How long the lease lasts, in milliseconds: 1000 to 2147483647. On the wire its end is cut to whole seconds. */
  readonly durationMs: number;
  /** The name of the holder. A holder that acquires its own lease again renews it, from any process. */
  readonly holder: string;
  /** If given, there are so many leases, and the call gets any of them (kazoo's `MultiNonBlockingLease`). */
  readonly count?: number;
}

const checks = { durationMs: isInteger(1000, 2 ** 31 - 1), holder: isText, count: isInteger(1) };

/**
 * A right that ends at a certain time, and not with the session of its holder. For work that only one host should do,
 * also if its process starts again. The nodes and their data are those of kazoo's `NonBlockingLease`. All times are
 * those of the leader, so the clocks of the clients do not matter, unless some of the clients are kazoo's.
 */
export class NonBlockingLease {
  readonly path: string;
  readonly #caller: Caller;
  readonly #options: LeaseOptions;

  /** @param path the directory of the lease; it is created when it is needed */
  constructor(zk: ZooKeeper, path: string, options: LeaseOptions) {
    this.#caller = callerOf(zk, 'NonBlockingLease', path, options ?? {}, checks);
    if (options?.durationMs === undefined || options.holder === undefined) {
      throw new RecipeError('BADARGUMENTS', this.#caller, 'durationMs and holder are required');
    }
    this.path = path;
    this.#options = options;
  }

  /**
   * Acquires or renews the lease. Resolves with undefined if another holder has it. Waits only for other clients that
   * look at the lease at this moment. The signal of the hold is aborted before the lease ends, and when another holder
   * has the lease. A release ends the lease early; without it, the lease lasts longer than this process.
   *
   * @throws `BAD_NODE` if the node of the lease has other content
   */
  async tryAcquire(options: WaitOptions = {}): Promise<Held | undefined> {
    const { count } = this.#options;
    const { path } = this.#caller;
    const paths =
      count === undefined ? [path] : Array.from({ length: count }, (_, index) => childOf(path, String(index)));
    return runCall(this.#caller, options, async (call) => {
      for (const each of paths) {
        const held = await this.#acquireAt(call, each);
        if (held !== undefined) return held;
      }
      return undefined;
    });
  }

  #acquireAt(call: Call, path: string): Promise<Held | undefined> {
    const { zk } = this.#caller;
    const { holder, durationMs } = this.#options;
    const startMs = zk.ports.scheduler.monotonicMs();
    return this.#alone(call, path, async (turn, leaderMs) => {
      const endMs = Math.floor((leaderMs() + durationMs) / 1000) * 1000;
      const data = encodeLease({ version: leaseVersion, holder, endMs });
      const stat = await this.#write(call, childOf(path, 'lease_holder'), data, turn, leaderMs);
      if (stat === undefined) return undefined;
      // the clock of the leader showed at most `ctimeMs` when this call started
      const lastMs = startMs + endMs - turn.ctimeMs;
      const release = () => runCall(this.#caller, {}, (again) => this.#delete(again, path, stat.mzxid));
      return new TimedHold(this.#caller, { path: childOf(path, 'lease_holder'), stat, holder, lastMs, release });
    });
  }

  /**
   * Writes the lease. If the reply is lost, writes it again, because this holder may renew its lease. Returns undefined
   * if another holder has it.
   *
   * @throws `NONODE` for `turn` if this client does not have the turn any more
   */
  #write(call: Call, path: string, data: string, turn: Ticket, leaderMs: () => number): Promise<Stat | undefined> {
    const { zk, acl } = this.#caller;
    return call.retry(async () => {
      for (;;) {
        const found = await this.#read(call, path);
        if (found !== undefined && !this.#isFree(found.data, path, leaderMs())) return undefined;
        const transaction = zk.transaction().check(turn.path);
        try {
          if (found === undefined) {
            const [, created] = await transaction.create(path, data, { ...(acl && { acl }) }).commit(call.limits);
            return created.stat;
          }
          const { version } = found.stat;
          return (await transaction.set(path, data, { version }).commit(call.limits))[1];
        } catch (error) {
          if (!isChanged(error, turn)) throw error;
        }
      }
    });
  }

  #isFree(data: string, path: string, nowMs: number): boolean {
    const { version, holder, endMs } = decodeLease(Buffer.from(data), path, this.#caller);
    return version === leaseVersion && (holder === this.#options.holder || nowMs >= endMs);
  }

  async #read(call: Call, path: string): Promise<{ data: string; stat: Stat } | undefined> {
    try {
      const { data, stat } = await this.#caller.zk.get(path, call.limits);
      return { data: data?.toString() ?? '', stat };
    } catch (error) {
      if (ZooKeeperError.is(error, 'NONODE')) return undefined;
      throw error;
    }
  }

  /** Deletes the lease if it is still the one that was written with this zxid. */
  async #delete(call: Call, path: string, mzxid: number): Promise<void> {
    const { zk } = this.#caller;
    const holderPath = childOf(path, 'lease_holder');
    await this.#alone(call, path, (turn) =>
      call.retry(async () => {
        const found = await this.#read(call, holderPath);
        if (found?.stat.mzxid !== mzxid) return;
        await zk.transaction().check(turn.path).delete(holderPath).commit(call.limits);
      }),
    );
  }

  /**
   * Runs `work` while no other client looks at the lease or changes it.
   *
   * @param work gets the node of this client's turn, and a function that returns a time which the leader's clock has
   * reached
   */
  async #alone<Result>(
    call: Call,
    path: string,
    work: (turn: Ticket, leaderMs: () => number) => Promise<Result>,
  ): Promise<Result> {
    const { zk } = this.#caller;
    const { scheduler } = zk.ports;
    const line = new WaitingLine(
      { ...this.#caller, path },
      { naming: 'kazoo', marker: '__lock__', markers: ['__lock__'] },
    );
    for (;;) {
      const joinedMs = new Map<string, number>();
      const rule: TurnRule = (entries, own) => {
        const { name } = entries[own]!;
        if (!joinedMs.has(name)) joinedMs.set(name, scheduler.monotonicMs());
        return firstOnly(entries, own);
      };
      const turn = await line.waitForTurn(call, this.#options.holder, rule);
      const leaderMs = () => turn.ctimeMs + scheduler.monotonicMs() - joinedMs.get(turn.name)!;
      try {
        return await work(turn, leaderMs);
      } catch (error) {
        const isGone = ZooKeeperError.is(error, 'NONODE') && error.path === turn.path;
        if (!isGone && !isRenewed(zk, error)) throw error;
      } finally {
        line.leave(turn).catch(() => {});
      }
    }
  }
}

/** True if another client has changed the node of the lease without having the turn. */
function isChanged(error: unknown, turn: Ticket): boolean {
  if (!ZooKeeperError.is(error) || error.path === turn.path) return false;
  return error.code === 'BADVERSION' || error.code === 'NODEEXISTS' || error.code === 'NONODE';
}
