import { ZooKeeperError } from '@nodekeeper/client';
import { type Call, isConnectionLoss } from '../foundation/call.js';
import type { Assignment, WorkerInfo } from './board.js';
import type { Mastership } from './mastership.js';
import { Picture } from './picture.js';
import { encodeStatus } from './status.js';
import type { AssignmentStrategy } from './strategy.js';
import { runsOnce } from './task-name.js';
import { aclOf, type WorkTree } from './tree.js';

/** Something that a master has done or noticed. */
export type MasterEvent =
  /** This candidate is the master. */
  | { readonly type: 'leading'; readonly token: number }
  /** This candidate is not the master any more, and waits in the line again unless it was closed. */
  | { readonly type: 'standby' }
  | { readonly type: 'worker-joined'; readonly worker: string }
  | { readonly type: 'worker-left'; readonly worker: string }
  | { readonly type: 'assigned'; readonly task: string; readonly worker: string }
  /** The worker is gone or the task was cancelled, so the assignment was taken back. */
  | { readonly type: 'taken-back'; readonly task: string; readonly worker: string }
  /** The worker of an at-most-once task is gone, so the task will not run again. */
  | { readonly type: 'lost'; readonly task: string; readonly worker: string }
  /** A status of the task exists: a worker has done it, or it failed, was lost or was cancelled. */
  | { readonly type: 'ended'; readonly task: string }
  /** One node or the strategy is faulty. The master ignores it and continues. */
  | { readonly type: 'invalid'; readonly path: string; readonly error: unknown };

interface TermOptions {
  readonly strategy: AssignmentStrategy;
  readonly resultTtlMs: number;
  readonly tell: (event: MasterEvent) => void;
}

/** After these errors the tree has changed since the master read it. */
const outdated = ['NONODE', 'NODEEXISTS', 'BADVERSION', 'NOTEMPTY'];

/** The work of a master during its term: it assigns tasks, and takes them back from workers that are gone. */
export class Term {
  readonly #call: Call;
  readonly #tree: WorkTree;
  readonly #mastership: Mastership;
  readonly #options: TermOptions;
  readonly #picture: Picture;
  readonly #inFlight = new Set<string>();
  /** Workers to which no task can be assigned, because the server refuses it. */
  readonly #refused = new Set<string>();
  /** When the results of ended tasks are deleted, the earliest first. */
  readonly #expiry = new Map<string, number>();
  #failures = 0;
  #fault: unknown;
  #wake: () => void = () => {};
  #isAwake = true;

  constructor(call: Call, tree: WorkTree, mastership: Mastership, options: TermOptions) {
    this.#call = call;
    this.#tree = tree;
    this.#mastership = mastership;
    this.#options = options;
    const { tell } = options;
    this.#picture = new Picture(call, tree, {
      changed: () => this.#changed(),
      workerJoined: (worker) => {
        this.#refused.delete(worker);
        tell({ type: 'worker-joined', worker });
      },
      workerLeft: (worker) => tell({ type: 'worker-left', worker }),
      taskEnded: (task) => tell({ type: 'ended', task }),
      failed: (error) => this.#failed(error),
    });
  }

  /** Works until the call is aborted or fails. */
  async run(): Promise<never> {
    try {
      await this.#picture.open();
      for (;;) {
        if (this.#fault !== undefined) throw this.#fault;
        this.#isAwake = false;
        if (this.#picture.isStale) await this.#load();
        this.#act();
        if (!this.#isAwake) await this.#sleep();
      }
    } finally {
      this.#picture.close();
    }
  }

  #changed(): void {
    this.#isAwake = true;
    this.#wake();
  }

  async #sleep(): Promise<void> {
    const { scheduler } = this.#call.caller.zk.ports;
    const [next] = this.#expiry.values();
    await this.#call.wait((wake) => {
      this.#wake = wake;
      return next === undefined ? () => {} : scheduler.after(Math.max(0, next - scheduler.monotonicMs()), wake);
    });
  }

  async #load(): Promise<void> {
    const { zk, retry } = this.#call.caller;
    // after repeated failures the master waits before it reads the tree again
    if (this.#failures > 1) await this.#call.sleep(retry(this.#failures - 1, 0, zk.ports.random) ?? 0);
    await this.#picture.load();
  }

  #act(): void {
    const { board } = this.#picture;
    for (const assignment of board.stale()) {
      if (!this.#inFlight.has(assignment.task)) void this.#takeBack(assignment);
    }
    for (const worker of board.abandoned()) {
      if (!this.#inFlight.has(worker)) void this.#removeDirectory(worker);
    }
    if (board.hasWaiting) this.#assignWaiting();
    this.#expireResults();
  }

  // ---- assignments

  #assignWaiting(): void {
    const { board } = this.#picture;
    let workers = this.#freeWorkers();
    for (const task of board.waiting()) {
      if (workers.length === 0) return;
      if (this.#inFlight.has(task)) continue;
      const worker = this.#choose(task, workers);
      if (worker === undefined) continue;
      void this.#assign({ task, worker });
      workers = this.#freeWorkers();
    }
  }

  #freeWorkers(): WorkerInfo[] {
    return this.#picture.board.free().filter(({ name }) => !this.#refused.has(name));
  }

  #choose(task: string, workers: readonly WorkerInfo[]): string | undefined {
    try {
      const name = this.#options.strategy(task, workers);
      if (name === undefined || workers.some((worker) => worker.name === name)) return name;
      throw new Error(`the assignment strategy chose ${name}, which cannot take a task`);
    } catch (error) {
      this.#options.tell({ type: 'invalid', path: this.#tree.task(task), error });
      return undefined;
    }
  }

  async #assign({ task, worker }: Assignment): Promise<void> {
    const { board } = this.#picture;
    const tree = this.#tree;
    const acl = aclOf(this.#call.caller);
    const fenced = this.#fenced().check(tree.task(task)).check(tree.worker(worker), board.versionOf(worker));
    const prepared = board.hasDirectory(worker) ? fenced : fenced.create(tree.assignments(worker), '', acl);
    board.assigned(worker, task);
    try {
      await prepared.create(tree.assignment(worker, task), '', acl).commit(this.#call.limits);
      this.#failures = 0;
      this.#options.tell({ type: 'assigned', task, worker });
    } catch (error) {
      this.#failed(error, worker);
    }
  }

  /** Takes a task back from a worker that is gone. A task that may not run twice is lost then. */
  async #takeBack({ task, worker }: Assignment): Promise<void> {
    const { board } = this.#picture;
    const tree = this.#tree;
    const acl = aclOf(this.#call.caller);
    const isOpen = board.hasTask(task) && !board.hasEnded(task);
    const isLost = isOpen && runsOnce(task);
    this.#inFlight.add(task);
    try {
      const removal = this.#fenced().delete(tree.assignment(worker, task));
      const lost = () => removal.check(tree.task(task)).create(tree.statusOf(task), encodeStatus('lost', worker), acl);
      await (isLost ? lost() : removal).commit(this.#call.limits);
      this.#failures = 0;
      if (isLost) board.ended(task);
      board.unassigned(worker, task);
      this.#options.tell({ type: isLost ? 'lost' : 'taken-back', task, worker });
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#inFlight.delete(task);
      this.#changed();
    }
  }

  async #removeDirectory(worker: string): Promise<void> {
    this.#inFlight.add(worker);
    try {
      await this.#fenced().delete(this.#tree.assignments(worker)).commit(this.#call.limits);
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#inFlight.delete(worker);
    }
  }

  // ---- results

  /** Deletes the tasks whose results no client has deleted in time. */
  #expireResults(): void {
    const nowMs = this.#call.caller.zk.ports.scheduler.monotonicMs();
    const { board } = this.#picture;
    for (const task of board.endedTasks) {
      if (!this.#expiry.has(task)) this.#expiry.set(task, nowMs + this.#options.resultTtlMs);
    }
    for (const [task, atMs] of this.#expiry) {
      if (board.hasEnded(task) && atMs > nowMs) continue;
      this.#expiry.delete(task);
      if (board.hasEnded(task)) void this.#deleteTask(task);
    }
  }

  async #deleteTask(task: string): Promise<void> {
    const withStatus = this.#fenced().delete(this.#tree.statusOf(task));
    const all = this.#picture.board.hasTask(task) ? withStatus.delete(this.#tree.task(task)) : withStatus;
    await all.commit(this.#call.limits).catch((error) => this.#failed(error));
  }

  // ---- writes

  /** Starts a transaction that fails unless this master is still the master. */
  #fenced() {
    const { zk } = this.#call.caller;
    return zk.transaction().check(this.#tree.master).check(this.#tree.epoch, this.#mastership.term);
  }

  /** @param worker the worker of the refused assignment */
  #failed(error: unknown, worker?: string): void {
    this.#failures++;
    this.#picture.isStale = true;
    const path = ZooKeeperError.is(error) ? error.path : undefined;
    if (path === this.#tree.master || path === this.#tree.epoch) {
      this.#mastership.depose();
    } else if (ZooKeeperError.is(error, 'NOAUTH') && worker !== undefined) {
      this.#refused.add(worker);
      this.#options.tell({ type: 'invalid', path: path ?? this.#tree.worker(worker), error });
    } else if (!isConnectionLoss(error) && !(ZooKeeperError.is(error) && outdated.includes(error.code))) {
      this.#fault ??= error;
    }
    this.#changed();
  }
}
