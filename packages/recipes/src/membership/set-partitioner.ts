import { EventEmitter } from 'node:events';
import { onAbort, type ZooKeeper } from '@nodekeeper/client';
import { type Caller, runCall, type WaitOptions } from '../foundation/call.js';
import { type Checks, checkArgument, isFunction, isList, isNodeName, isTimeMs, oneOf } from '../foundation/checks.js';
import { Condition } from '../foundation/condition.js';
import { emitSafely } from '../foundation/emit-safely.js';
import { RecipeError } from '../foundation/errors.js';
import { childOf } from '../foundation/parents.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';
import type { ConnectionPolicy } from '../foundation/session-guard.js';
import { uuid } from '../foundation/unique-id.js';
import type { Held } from '../locks/hold.js';
import { Lock } from '../locks/lock.js';
import { type Assignment, LockedAssignment, releaseAll } from './assignment.js';
import { Group } from './group.js';
import { everyNth, type Partition } from './partition.js';

/**
 * `ALLOCATING`: waits until the members stay the same, and then for the locks of its items. `ACQUIRED`: has its items.
 * `RELEASE`: waits until the program has released the items. `FAILURE`: has ended.
 */
export type PartitionerState = 'ALLOCATING' | 'ACQUIRED' | 'RELEASE' | 'FAILURE';

/** The events of a `SetPartitioner`. */
export interface SetPartitionerEvents {
  /** This client has items, or none if there are more members than items. The program must release the assignment. */
  assigned: [assignment: Assignment];
  /** The partitioner has ended. */
  error: [error: RecipeError];
}

/** Options of a `SetPartitioner`. */
export interface SetPartitionerOptions extends RecipeOptions {
  /** The id of this client, unique among the members. Default: a random UUID. */
  readonly id?: string;
  /** Divides the items. All members must use the same function. Default: that of kazoo. */
  readonly partition?: Partition;
  /** The items are divided when the members have not changed for this time, in milliseconds. Default 5000. */
  readonly settleMs?: number;
  /** When an item counts as lost. Default `suspend`: as soon as the connection is lost. */
  readonly policy?: ConnectionPolicy;
}

const checks: Checks = {
  id: isNodeName,
  partition: isFunction,
  settleMs: isTimeMs,
  policy: oneOf('suspend', 'session'),
};

/**
 * Divides a set of items among its members. When a member comes or goes, all members give their items back and divide
 * the set again. A lock for each item makes sure that no two members have it at the same time. The nodes are those of
 * kazoo's `SetPartitioner`.
 */
export class SetPartitioner extends EventEmitter<SetPartitionerEvents> implements AsyncDisposable {
  /** The id of this client. */
  readonly id: string;
  readonly #caller: Caller;
  readonly #items: readonly string[];
  readonly #options: SetPartitionerOptions;
  readonly #group: Group;
  readonly #locks: ReadonlyMap<string, Lock>;
  readonly #condition = new Condition();
  readonly #closing = new AbortController();
  /** Aborted at the next change of the members, and at the end. */
  #change = new AbortController();
  #running: Promise<void> | undefined;
  #assignment: LockedAssignment | undefined;
  #state: PartitionerState = 'ALLOCATING';
  #failure: RecipeError | undefined;

  /**
   * @param path the directory of the partition
   * @param items the items to divide, the same for all members. They are names of nodes
   */
  constructor(zk: ZooKeeper, path: string, items: readonly string[], options: SetPartitionerOptions = {}) {
    super();
    this.#caller = callerOf(zk, 'SetPartitioner', path, options, checks);
    checkArgument(this.#caller, 'items', items, isList);
    for (const item of items) checkArgument(this.#caller, 'each item', item, isNodeName);
    const { id = uuid(zk.ports.random), policy, acl, retry } = options;
    const common = { ...(acl && { acl }), ...(retry && { retry }) };
    this.id = id;
    this.#items = [...new Set(items)];
    this.#options = options;
    this.#group = new Group(zk, childOf(path, 'party'), { ...common, id, naming: 'kazoo', shallow: true });
    const lockOf = (item: string) =>
      new Lock(zk, childOf(childOf(path, 'locks'), item), { ...common, ...(policy && { policy }), naming: 'kazoo' });
    this.#locks = new Map(this.#items.map((item) => [item, lockOf(item)]));
    for (const event of ['joined', 'left', 'changed'] as const) this.#group.on(event, () => this.#membersChanged());
    this.#group.on('error', (error) => this.#fail(error));
  }

  get state(): PartitionerState {
    return this.#state;
  }

  /**
   * Joins the members. Resolves when the others see this client; its items come later, with the event `assigned`. If the
   * call rejects, the partitioner is closed.
   */
  async start(options: WaitOptions = {}): Promise<void> {
    try {
      this.#check();
      if (this.#running !== undefined) return;
      await this.#group.start(options);
      await this.#group.join(undefined, options);
      this.#check();
      this.#running ??= this.#run();
    } catch (error) {
      this.close().catch(() => {});
      throw error;
    }
  }

  /** Waits until this client has its items. Returns at once if it has them. The program must release the assignment. */
  waitForAssignment(options: WaitOptions = {}): Promise<Assignment> {
    return runCall(this.#caller, options, async (call) => {
      const assignment = await this.#condition.until(call, () => {
        this.#check();
        return this.#state === 'ACQUIRED' ? this.#assignment : undefined;
      });
      assignment.isTaken = true;
      return assignment;
    });
  }

  /**
   * Gives the items back, and leaves the members. The work on the items should have ended before. Without a connection,
   * it waits for the next one.
   */
  async close(): Promise<void> {
    const error = this.#closed();
    if (!this.#isOver) this.#stop(error);
    this.#closing.abort(error);
    this.#enter('FAILURE');
    await Promise.all([this.#running, this.#group.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #closed(): RecipeError {
    return new RecipeError('CLOSED', this.#caller, 'the partitioner is closed');
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closing.signal.aborted) throw this.#closed();
  }

  get #isOver(): boolean {
    return this.#failure !== undefined || this.#closing.signal.aborted;
  }

  // ---- the rounds

  async #run(): Promise<void> {
    try {
      while (!this.#isOver) await this.#round();
    } catch (error) {
      this.#fail(error as RecipeError);
    }
  }

  /** Divides the items once, and waits until they are given back. */
  async #round(): Promise<void> {
    const change = this.#change.signal;
    this.#enter('ALLOCATING');
    const holds = await this.#acquire(change).catch((error) => {
      if (!change.aborted) throw error;
      return undefined;
    });
    if (holds === undefined) return;
    const [items, locks] = [[...holds.keys()], [...holds.values()]];
    if (change.aborted || locks.some(({ signal }) => signal.aborted)) return releaseAll(locks);
    const assignment = new LockedAssignment(this.#caller, items, locks);
    this.#assignment = assignment;
    const forgetChange = onAbort(change, () => assignment.end(change.reason));
    const free = () => void assignment.free().catch(() => {});
    onAbort(assignment.signal, () => {
      this.#enter('RELEASE');
      if (!assignment.isTaken) free();
    });
    assignment.isTaken = this.listenerCount('assigned') > 0;
    this.#enter('ACQUIRED');
    emitSafely<SetPartitionerEvents, 'assigned'>(this, 'assigned', assignment);
    const forgetEnd = onAbort(this.#closing.signal, free);
    if (this.#closing.signal.aborted) free();
    await assignment.freed;
    forgetChange();
    forgetEnd();
  }

  /** Waits until the members stay the same, and then for the locks of the own items. */
  async #acquire(change: AbortSignal): Promise<Map<string, Held>> {
    const { settleMs = 5000, partition = everyNth } = this.#options;
    const members = await runCall(this.#caller, { signal: change }, async (call) => {
      await call.sleep(settleMs);
      const ids = this.#group.members.map(({ id }) => id);
      // with a new session, this client is not a member again yet
      if (!ids.includes(this.id)) await call.wait(() => () => {});
      return ids;
    });
    const items = this.#checked(() => partition(this.id, members, this.#items));
    const holds = await acquireAll(
      items.map((item) => this.#locks.get(item)!),
      change,
    );
    return new Map(items.map((item, index) => [item, holds[index]!]));
  }

  /** Returns the own items in the function of the program. */
  #checked(partition: () => readonly string[]): readonly string[] {
    let items: readonly string[];
    try {
      items = partition();
    } catch (cause) {
      throw new RecipeError('BADARGUMENTS', this.#caller, 'the function partition has thrown an error', cause);
    }
    const unknown = items.find((item) => !this.#locks.has(item));
    if (unknown === undefined) return [...new Set(items)];
    throw new RecipeError('BADARGUMENTS', this.#caller, `the function partition returns ${unknown}, which is no item`);
  }

  #membersChanged(): void {
    this.#change.abort(new RecipeError('LOST', this.#caller, 'the members have changed'));
    this.#change = new AbortController();
  }

  #enter(state: PartitionerState): void {
    this.#state = this.#isOver ? 'FAILURE' : state;
    this.#condition.changed();
  }

  /** Ends the round, so that the loop ends. */
  #stop(reason: RecipeError): void {
    this.#change.abort(reason);
    this.#assignment?.end(reason);
    this.#enter('FAILURE');
  }

  #fail(error: RecipeError): void {
    if (this.#isOver) return;
    this.#failure = error;
    this.#stop(error);
    this.#group.close().catch(() => {});
    if (error.code !== 'CLOSED') emitSafely<SetPartitionerEvents, 'error'>(this, 'error', error);
  }
}

/** Acquires all locks, or none. */
async function acquireAll(locks: readonly Lock[], signal: AbortSignal): Promise<Held[]> {
  const results = await Promise.allSettled(locks.map((lock) => lock.acquire({ signal })));
  const holds = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return holds;
  await releaseAll(holds);
  throw failed.reason;
}
