import { type Data, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { type Call, type Caller, runCall, type WaitOptions } from '../foundation/call.js';
import { checkOptions, isInteger, isPath, waitChecks } from '../foundation/checks.js';
import { RecipeError } from '../foundation/errors.js';
import { childOf } from '../foundation/parents.js';
import { callerOf } from '../foundation/recipe-options.js';
import { type ConnectionPolicy, isRenewed } from '../foundation/session-guard.js';
import { contendersAt, type LockContender } from '../line/contenders.js';
import { firstOnly, type Ticket, WaitingLine } from '../line/waiting-line.js';
import { type Held, NodeHold } from './hold.js';
import { LeasePool } from './lease-pool.js';
import { type ExclusiveOptions, exclusiveChecks } from './lock.js';
import { AgreedCount, FixedCount, StoredCount } from './permit-count.js';

/** Options of a `Semaphore`. Exactly one of `permits` and `permitsPath` is required. */
export interface SemaphoreOptions extends ExclusiveOptions {
  /** The number of permits. All clients must use the same number. */
  readonly permits?: number;
  /**
   * A node that contains the number of permits: 4 bytes, as Curator's `SharedCount` writes it, or decimal text with
   * `naming: 'kazoo'`. Clients follow its changes. A lower number takes no permit away from its holder.
   */
  readonly permitsPath?: string;
}

/** Options of `acquire` and `tryAcquire` of a `Semaphore`. */
export interface PermitOptions extends WaitOptions {
  /** The number of permits to acquire, all or none. Default 1. */
  readonly permits?: number;
}

const atLeastOne = isInteger(1);

/**
 * A number of permits that clients share. At no moment do clients hold more permits than there are. The order of asking
 * decides: a call for many permits is not overtaken by calls for few. The nodes are those of Curator's
 * `InterProcessSemaphoreV2`, or of kazoo's `Semaphore`.
 */
export class Semaphore {
  /** The path that the program gave. */
  readonly path: string;
  readonly #caller: Caller;
  readonly #line: WaitingLine;
  readonly #pool: LeasePool;
  readonly #policy: ConnectionPolicy;
  readonly #data: Data;

  /** @param path the directory of the semaphore; it is created when it is needed */
  constructor(zk: ZooKeeper, path: string, options: SemaphoreOptions) {
    const checks = { ...exclusiveChecks, permits: atLeastOne, permitsPath: isPath };
    const caller = callerOf(zk, 'Semaphore', path, options ?? {}, checks);
    const { naming = 'curator', policy = 'suspend', data = '', permits, permitsPath } = options ?? {};
    if ((permits === undefined) === (permitsPath === undefined)) {
      throw new RecipeError('BADARGUMENTS', caller, 'exactly one of permits and permitsPath is required');
    }
    const isKazoo = naming === 'kazoo';
    const linePath = isKazoo ? `${path}-__lock__` : childOf(path, 'locks');
    const marker = isKazoo ? '__lock__' : '-lock-';
    this.path = path;
    this.#caller = caller;
    this.#line = new WaitingLine({ ...caller, path: linePath }, { naming, marker, markers: [marker] });
    const fixed = (count: number) => (isKazoo ? new AgreedCount(caller, count) : new FixedCount(count));
    const count = permitsPath === undefined ? fixed(permits!) : new StoredCount(caller, permitsPath, naming);
    this.#pool = new LeasePool({ ...caller, path: isKazoo ? path : childOf(path, 'leases') }, naming, count);
    this.#policy = policy;
    this.#data = data;
  }

  /** Waits for permits. Resolves only with a hold that is certain at that moment. One release returns all of them. */
  async acquire(options: PermitOptions = {}): Promise<Held> {
    return (await this.#acquire(options, true))!;
  }

  /**
   * Acquires permits if enough of them are free and no other client waits for permits. Otherwise resolves with undefined
   * at once, and leaves no node.
   */
  tryAcquire(options: PermitOptions = {}): Promise<Held | undefined> {
    return this.#acquire(options, false);
  }

  async #acquire(options: PermitOptions, waits: boolean): Promise<Held | undefined> {
    const { permits = 1 } = options;
    return runCall(this.#caller, options, async (call) => {
      checkOptions(this.#caller, options, { ...waitChecks, permits: isInteger(1, this.#pool.count.fixed) });
      for (;;) {
        const turn = await this.#turn(call, waits);
        if (turn === undefined) return undefined;
        const tickets = await this.#take(call, turn, permits, waits);
        if (tickets === 'none') return undefined;
        if (tickets === 'gone') continue;
        const hold = new NodeHold(this.#caller, tickets, this.#policy);
        if (!hold.signal.aborted) return hold;
        // the connection was lost just now, so this client joins again
        await call.finish(hold.release());
      }
    });
  }

  #turn(call: Call, waits: boolean): Promise<Ticket | undefined> {
    const line = this.#line;
    return waits ? line.waitForTurn(call, this.#data, firstOnly) : line.tryTurn(call, this.#data, firstOnly);
  }

  /**
   * Takes permits when they are free. The first client in the line is the only one that does so.
   *
   * @returns `none` if they are not free and `waits` is false; `gone` if this client is not first any more
   */
  async #take(call: Call, turn: Ticket, permits: number, waits: boolean): Promise<readonly Ticket[] | 'none' | 'gone'> {
    const { zk } = this.#caller;
    let hasLeft = false;
    try {
      while (!(await this.#pool.hasFree(call, permits))) {
        if (!waits) {
          hasLeft = true;
          await call.finish(this.#line.leave(turn));
          return 'none';
        }
        await this.#pool.untilFree(call, permits, turn);
        if (zk.session.id !== turn.sessionId) return 'gone';
      }
      const tickets = await this.#pool.take(call, permits, turn, this.#data);
      hasLeft = true;
      return tickets;
    } catch (error) {
      const isGone = ZooKeeperError.is(error, 'NONODE') && error.path === turn.path;
      if (isGone || isRenewed(zk, error)) return 'gone';
      throw error;
    } finally {
      if (!hasLeft) this.#line.leave(turn).catch(() => {});
    }
  }

  /** Returns the clients that hold permits, in the order in which they got them. One entry stands for one permit. */
  holders(options: WaitOptions = {}): Promise<LockContender[]> {
    return runCall(this.#caller, options, async (call) => {
      const names = await this.#pool.list(call);
      const holders = await contendersAt(
        names.map((name) => childOf(this.#pool.caller.path, name)),
        call,
      );
      return holders.sort((one, other) => one.token - other.token);
    });
  }
}
