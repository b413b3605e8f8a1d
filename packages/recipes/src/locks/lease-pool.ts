import { type Created, type Data, type Transaction, type WatchCallback, ZooKeeperError } from '@nodekeeper/client';
import { type Call, type Caller, isConnectionLoss } from '../foundation/call.js';
import { childOf, ensureContainer } from '../foundation/parents.js';
import { SessionGuard } from '../foundation/session-guard.js';
import { uuid } from '../foundation/unique-id.js';
import { entryOf, type Naming } from '../line/naming.js';
import { createSurely, type Ticket, ticketOf } from '../line/ticket.js';
import type { PermitCount } from './permit-count.js';

const marker = '-lease-';

/** The directory with one node for each permit of a semaphore that a client holds. */
export class LeasePool {
  constructor(
    readonly caller: Caller,
    readonly naming: Naming,
    readonly count: PermitCount,
  ) {}

  /** Returns the names of the leases. `watch` is called when they change. */
  async list(call: Call, watch?: WatchCallback): Promise<string[]> {
    const { zk, path } = this.caller;
    try {
      const options = { ...call.limits, ...(watch && { watch }) };
      const { children } = await call.retry(() => zk.children(path, options));
      return children.filter((name) => this.#isLease(name));
    } catch (error) {
      // then all permits are free, and only a change of their number is of interest
      if (ZooKeeperError.is(error, 'NONODE')) return [];
      throw error;
    }
  }

  #isLease(name: string): boolean {
    return this.naming === 'kazoo' ? /^[0-9a-f]{32}$/.test(name) : entryOf(name, [marker]) !== undefined;
  }

  /** True if so many permits are free now. */
  async hasFree(call: Call, permits: number, watch?: WatchCallback): Promise<boolean> {
    const [total, leases] = await Promise.all([this.count.read(call, watch), this.list(call, watch)]);
    return leases.length + permits <= total;
  }

  /** Waits until so many permits may be free, or the session of the ticket is over. */
  async untilFree(call: Call, permits: number, { sessionId }: Ticket): Promise<void> {
    const { zk, path } = this.caller;
    await call.wait((wake, fail) => {
      const watch = () => wake();
      const forgetSession = SessionGuard.of(zk).depend('expiry', wake, sessionId);
      this.hasFree(call, permits, watch).then(
        (isFree) => isFree && wake(),
        (error) => (isConnectionLoss(error) ? wake() : fail(error)),
      );
      return () => {
        forgetSession();
        // these do nothing if the watches have fired
        zk.removeWatches(path, { kind: 'children', callback: watch, local: true }).catch(() => {});
        this.count.forget(watch);
      };
    });
  }

  /**
   * Takes permits, all or none, and leaves the line of waiting clients. Both happen in one transaction: so
   * only the first client of the line can take permits, even if it has lost its session without knowing it.
   *
   * @param turn the node of this client in the line
   * @throws `NONODE` if `turn` does not exist any more
   */
  async take(call: Call, permits: number, turn: Ticket, data: Data): Promise<readonly Ticket[]> {
    for (;;) {
      const names = this.#newNames(permits);
      try {
        return await createSurely(call, this.caller.path, names.prefix, () =>
          this.#create(call, names.all, turn, data),
        );
      } catch (error) {
        const isPoolMissing = ZooKeeperError.is(error, 'NONODE') && error.path !== turn.path;
        if (!isPoolMissing) throw error;
      }
      await ensureContainer(call, this.caller.path);
    }
  }

  async #create(call: Call, names: readonly string[], turn: Ticket, data: Data): Promise<Ticket[]> {
    const { zk, path, acl } = this.caller;
    const mode = this.naming === 'kazoo' ? 'EPHEMERAL' : 'EPHEMERAL_SEQUENTIAL';
    let transaction: Transaction<readonly unknown[]> = zk.transaction().delete(turn.path);
    for (const name of names)
      transaction = transaction.create(childOf(path, name), data, { mode, ...(acl && { acl }) });
    const [, ...created] = (await transaction.commit(call.limits)) as [undefined, ...Created[]];
    return created.map((node) => ticketOf(node.path, node.stat));
  }

  /** The names of kazoo are 32 hexadecimal digits. The first 24 are the same for the leases of one call. */
  #newNames(permits: number): { prefix: string; all: string[] } {
    const id = uuid(this.caller.zk.ports.random);
    if (this.naming === 'curator') return { prefix: `_c_${id}`, all: Array(permits).fill(`_c_${id}${marker}`) };
    const prefix = id.replaceAll('-', '').slice(0, 24);
    return { prefix, all: Array.from({ length: permits }, (_, index) => prefix + index.toString(16).padStart(8, '0')) };
  }
}
