import type { Data, Stat, ZooKeeper } from '@nodekeeper/client';
import { ZooKeeperError } from '@nodekeeper/client';
import { type Call, type Caller, isConnectionLoss, type WaitOptions } from '../foundation/call.js';
import { checkArgument, isData, isInteger, oneOf } from '../foundation/checks.js';
import { RecipeError } from '../foundation/errors.js';
import { deleteSurely } from '../foundation/guaranteed-delete.js';
import { childOf, ensureContainer } from '../foundation/parents.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';
import { runRenewing } from '../foundation/run-renewing.js';
import { uuid } from '../foundation/unique-id.js';
import { untilEvent } from '../foundation/until-event.js';
import type { Naming } from '../line/naming.js';
import { createSurely, type Ticket, ticketOf } from '../line/ticket.js';

/** Options of a `DoubleBarrier`. */
export interface DoubleBarrierOptions extends RecipeOptions {
  /** The library whose clients may use the same path. Default `curator`. */
  readonly naming?: Naming;
  /** The data of the member's node, for operators. Default: empty. */
  readonly data?: Data;
}

const conflicts = ['NONODE', 'NODEEXISTS', 'BADVERSION'];

/**
 * A number of members start some work together, and end it together. The nodes are those of Curator's
 * `DistributedDoubleBarrier`, or of kazoo's `DoubleBarrier`. Each object is one member.
 */
export class DoubleBarrier {
  readonly #caller: Caller;
  readonly #memberCount: number;
  readonly #naming: Naming;
  readonly #data: Data;
  readonly #readyPath: string;
  /** The node of this member; undefined while it is outside. */
  #ticket: Ticket | undefined;
  #isBusy = false;

  /**
   * @param path the directory of the members; it is created when it is needed
   * @param memberCount the barrier opens when it has this number of members
   */
  constructor(zk: ZooKeeper, path: string, memberCount: number, options: DoubleBarrierOptions = {}) {
    const checks = { naming: oneOf('curator', 'kazoo'), data: isData };
    this.#caller = callerOf(zk, 'DoubleBarrier', path, options, checks);
    checkArgument(this.#caller, 'memberCount', memberCount, isInteger(1));
    this.#memberCount = memberCount;
    this.#naming = options.naming ?? 'curator';
    this.#data = options.data ?? '';
    this.#readyPath = childOf(path, 'ready');
  }

  /**
   * Joins the barrier, and waits until it has all members. A member that stops waiting is no member any more. If the
   * session expires and the client renews it, joins again.
   *
   * @throws `TIMEOUT`, `ABORTED`; `BADARGUMENTS` if this member is inside
   */
  async enter(options: WaitOptions = {}): Promise<void> {
    if (this.#isBusy || this.#ticket !== undefined) {
      throw new RecipeError('BADARGUMENTS', this.#caller, 'this member is inside, or another call of it runs');
    }
    this.#isBusy = true;
    try {
      await runRenewing(this.#caller, options, async (call) => {
        while (this.#ticket === undefined) await this.#tryEnter(call);
      });
    } finally {
      this.#isBusy = false;
    }
  }

  /**
   * Leaves the barrier, and waits until all members have left. A member that stops waiting has left.
   *
   * @throws `TIMEOUT`, `ABORTED`; `NOT_HELD` if this member is not inside
   */
  async leave(options: WaitOptions = {}): Promise<void> {
    const ticket = this.#ticket;
    if (ticket === undefined) throw new RecipeError('NOT_HELD', this.#caller, 'this member is not inside');
    this.#ticket = undefined;
    this.#isBusy = true;
    try {
      await runRenewing(this.#caller, options, (call) => this.#leave(call, ticket));
    } finally {
      this.#isBusy = false;
      void deleteSurely(this.#caller.zk, ticket.path).catch(() => {});
    }
  }

  // ---- entering

  /** Joins once. Returns with a ticket, or without one if its node was deleted by others. */
  async #tryEnter(call: Call): Promise<void> {
    const { zk } = this.#caller;
    let isSeen = false;
    const noteReady = ({ type }: { type: string }) => {
      isSeen ||= type === 'NodeCreated';
    };
    let ticket: Ticket | undefined;
    try {
      ticket = await this.#join(call, noteReady);
      if (await this.#untilOpen(call, ticket, () => isSeen)) this.#ticket = ticket;
    } finally {
      zk.removeWatches(this.#readyPath, { kind: 'data', callback: noteReady, local: true }).catch(() => {});
      if (ticket !== undefined && this.#ticket === undefined) void deleteSurely(zk, ticket.path).catch(() => {});
    }
  }

  /**
   * Creates the member's node. Before that, watches the ready node: with kazoo, a fast member deletes the ready node
   * while a slow one still has to see it.
   */
  async #join(call: Call, noteReady: (event: { type: string }) => void): Promise<Ticket> {
    const { zk, path, acl } = this.#caller;
    const id = uuid(zk.ports.random);
    const name = this.#naming === 'curator' ? id : id.replaceAll('-', '');
    const options = { mode: 'EPHEMERAL', ...(acl && { acl }), ...call.limits } as const;
    for (;;) {
      call.check();
      try {
        const [ticket] = await createSurely(call, path, name, async () => {
          zk.exists(this.#readyPath, { watch: noteReady, ...call.limits }).catch(() => {});
          const { path: created, stat } = await zk.create(childOf(path, name), this.#data, options);
          return [ticketOf(created, stat)];
        });
        return ticket!;
      } catch (error) {
        if (!ZooKeeperError.is(error, 'NONODE')) throw error;
      }
      await ensureContainer(call, path);
    }
  }

  /** Waits until the barrier is open. Returns false if the member's node is gone. */
  async #untilOpen(call: Call, ticket: Ticket, isSeen: () => boolean): Promise<boolean> {
    const { zk } = this.#caller;
    for (;;) {
      let outcome: boolean | undefined;
      const event = await untilEvent(call, 'data', [this.#readyPath, ticket.path], async (watch) => {
        const limits = { watch, ...call.limits };
        const [ready, own] = await Promise.all([zk.exists(this.#readyPath, limits), zk.exists(ticket.path, limits)]);
        if (own?.czxid !== ticket.czxid) outcome = false;
        else if (isSeen() || (ready !== null && (await this.#isOpen(call, ready, ticket)))) outcome = true;
        else return this.#openIfComplete(call, ready, ticket);
        return true;
      });
      // the watch is newer than the member's node
      if (event?.type === 'NodeCreated' && event.path === this.#readyPath) return true;
      if (outcome !== undefined) return outcome;
    }
  }

  /**
   * Decides if the ready node stands for a barrier that is open now. It does if it is newer than the own node, or if a
   * member is still inside. Otherwise all members have died inside, and the node is from an earlier use.
   */
  async #isOpen(call: Call, ready: Stat, { czxid }: Ticket): Promise<boolean> {
    if (ready.mzxid > czxid) return true;
    const { zk, path } = this.#caller;
    const members = await this.#members(call);
    const stats = await Promise.all(members.map((name) => zk.exists(childOf(path, name), call.limits)));
    return stats.some((stat) => stat !== null && stat.czxid < ready.mzxid);
  }

  /**
   * Opens the barrier if it has all members. The transaction checks that they still exist, so the barrier never opens
   * with a member that has given up or died. Returns true if the caller must look again.
   */
  async #openIfComplete(call: Call, ready: Stat | null, { name }: Ticket): Promise<boolean> {
    const { zk, path, acl } = this.#caller;
    const others = (await this.#members(call)).filter((other) => other !== name);
    if (others.length + 1 < this.#memberCount) return false;
    const transaction = zk.transaction();
    for (const member of [name, ...others.slice(0, this.#memberCount - 1)]) transaction.check(childOf(path, member));
    if (ready === null) transaction.create(this.#readyPath, '', acl && { acl });
    else transaction.set(this.#readyPath, '', { version: ready.version });
    try {
      await transaction.commit(call.limits);
    } catch (error) {
      if (!ZooKeeperError.is(error) || !conflicts.includes(error.code)) throw error;
    }
    return true;
  }

  /** Returns the names of the members, in the order in which Curator and kazoo sort them. Ignores other nodes. */
  async #members(call: Call): Promise<string[]> {
    const { zk, path } = this.#caller;
    try {
      const { children } = await call.retry(() => zk.children(path, call.limits));
      return children.filter((name) => /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/.test(name)).sort();
    } catch (error) {
      if (ZooKeeperError.is(error, 'NONODE')) return [];
      throw error;
    }
  }

  // ---- leaving

  /**
   * The first member in the order of names leaves last, and waits for the last one in this order. All others leave at
   * once and wait for the first. So a member that leaves wakes one other member, except for the last.
   */
  async #leave(call: Call, { name, path }: Ticket): Promise<void> {
    if (this.#naming === 'kazoo') await this.#tryDelete(call, this.#readyPath);
    for (;;) {
      const members = await this.#members(call);
      if (members.length === 0) return;
      if (members.length === 1 && members[0] === name) {
        await this.#leaveLast(call, path);
      } else if (members[0] === name) {
        await this.#untilDeleted(call, members.at(-1)!);
      } else {
        if (members.includes(name)) await this.#tryDelete(call, path);
        await this.#untilDeleted(call, members[0]!);
      }
    }
  }

  /** Deletes the own node and the ready node together, so that no later member finds only one of them. */
  async #leaveLast(call: Call, path: string): Promise<void> {
    const { zk } = this.#caller;
    try {
      const ready = await zk.exists(this.#readyPath, call.limits);
      const transaction = zk.transaction().delete(path);
      if (ready !== null) transaction.delete(this.#readyPath, { version: ready.version });
      await transaction.commit(call.limits);
    } catch (error) {
      // the caller looks again
      const isConflict = ZooKeeperError.is(error) && conflicts.includes(error.code);
      if (!isConflict && !isConnectionLoss(error)) throw error;
    }
  }

  async #tryDelete(call: Call, path: string): Promise<void> {
    try {
      await call.retry(() => this.#caller.zk.delete(path, call.limits));
    } catch (error) {
      if (!ZooKeeperError.is(error, 'NONODE')) throw error;
    }
  }

  async #untilDeleted(call: Call, member: string): Promise<void> {
    const path = childOf(this.#caller.path, member);
    await untilEvent(call, 'data', [path], async (watch) => {
      return (await this.#caller.zk.exists(path, { watch, ...call.limits })) === null;
    });
  }
}
