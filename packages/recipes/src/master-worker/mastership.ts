import { type RequestOptions, ZooKeeperError } from '@nodekeeper/client';
import { type Call, type Caller, isConnectionLoss } from '../foundation/call.js';
import { deleteSurely, untilAnswered } from '../foundation/guaranteed-delete.js';
import type { ConnectionPolicy } from '../foundation/session-guard.js';
import { uuid } from '../foundation/unique-id.js';
import { type Ticket, ticketOf } from '../line/ticket.js';
import { NodeHold } from '../locks/hold.js';
import { aclOf, type WorkTree } from './tree.js';
import { untilChanged } from './until-changed.js';

/** The node of a new master, and the number of its term. */
interface TakeOver {
  readonly ticket: Ticket;
  /** The version of the node `epoch`. No other master writes while the node has this version. */
  readonly term: number;
}

/**
 * The time in which one candidate is the master. It stands on the node `master` and on the candidate's place in the
 * line. Every write of the master checks the number of the term, so that a deposed master can change nothing.
 */
export class Mastership extends NodeHold {
  readonly term: number;
  /** Aborted when the leadership is lost, in doubt or released. */
  readonly ended: AbortSignal;
  readonly #released = new AbortController();
  readonly #tree: WorkTree;
  readonly #seat: Ticket;

  constructor(caller: Caller, tree: WorkTree, { ticket, term }: TakeOver, seat: Ticket, policy: ConnectionPolicy) {
    super(caller, [ticket, seat], policy);
    this.term = term;
    this.ended = AbortSignal.any([this.signal, this.#released.signal]);
    this.#tree = tree;
    this.#seat = seat;
  }

  /** A write was refused, because another master has begun its term or an operator has ended this one. */
  depose(): void {
    this.lose('LOST', 'another master has taken over');
  }

  protected override async deleteNodes(): Promise<void> {
    this.#released.abort();
    const { zk } = this.caller;
    try {
      // the node `master` may belong to another master by now
      await untilAnswered(zk, () =>
        zk.transaction().check(this.#tree.epoch, this.term).delete(this.#tree.master).commit(),
      );
    } catch (error) {
      if (!ZooKeeperError.is(error, 'BADVERSION')) throw error;
    } finally {
      await deleteSurely(zk, this.#seat.path);
    }
  }
}

/**
 * Creates the node `master` and begins a new term, in one transaction. Waits while another session owns the node.
 * Returns undefined if the session of the seat is over.
 */
export async function takeOver(call: Call, tree: WorkTree, seat: Ticket, name: string): Promise<TakeOver | undefined> {
  const { zk } = call.caller;
  const id = `${name} ${uuid(zk.ports.random)}`;
  try {
    return await tryTakeOver(call, tree, seat, name, id);
  } catch (error) {
    // the last request may have begun a term, although its reply was lost
    await untilAnswered(zk, () => endTerm(call.caller, tree, id));
    throw error;
  }
}

async function tryTakeOver(
  call: Call,
  tree: WorkTree,
  seat: Ticket,
  name: string,
  id: string,
): Promise<TakeOver | undefined> {
  const { zk } = call.caller;
  while (zk.session.id === seat.sessionId) {
    try {
      const begin = zk.transaction().create(tree.master, name, { mode: 'EPHEMERAL', ...aclOf(call.caller) });
      const [created, epoch] = await begin.set(tree.epoch, id).commit(call.limits);
      return { ticket: ticketOf(created.path, created.stat), term: epoch.version };
    } catch (error) {
      if (ZooKeeperError.is(error, 'NONODE')) await tree.ensure(call);
      else if (!isConnectionLoss(error) && !ZooKeeperError.is(error, 'NODEEXISTS')) throw error;
    }
    const own = await call.retry(() => findOwn(call, tree, id));
    if (own !== undefined) return own;
    await untilChanged(call, [tree.master], ([master]) => master !== null);
  }
  return undefined;
}

/** Looks whether the takeover with this id has succeeded, although its reply was lost. */
async function findOwn({ caller, limits }: Call, tree: WorkTree, id: string): Promise<TakeOver | undefined> {
  const found = await findTerm(caller, tree, id, limits);
  return found?.ticket.sessionId === caller.zk.session.id ? found : undefined;
}

async function findTerm({ zk }: Caller, tree: WorkTree, id: string, limits: RequestOptions) {
  // after `sync`, the server has applied the lost request, if the ensemble has carried it out at all
  await zk.sync(tree.master, limits);
  const [master, epoch] = await zk.multiRead().get(tree.master).get(tree.epoch).run(limits);
  if (master.status === 'rejected' || epoch.status === 'rejected') return undefined;
  const isOwn = master.value.stat.czxid === epoch.value.stat.mzxid && String(epoch.value.data) === id;
  return isOwn ? { ticket: ticketOf(tree.master, master.value.stat), term: epoch.value.stat.version } : undefined;
}

/** Ends the term that the takeover with this id has begun, if it has. */
async function endTerm(caller: Caller, tree: WorkTree, id: string): Promise<void> {
  const found = await findTerm(caller, tree, id, {});
  if (found === undefined) return;
  try {
    await caller.zk.transaction().check(tree.epoch, found.term).delete(tree.master).commit();
  } catch (error) {
    if (!ZooKeeperError.is(error, 'BADVERSION')) throw error;
  }
}
