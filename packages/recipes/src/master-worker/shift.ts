import { ZooKeeperError } from '@nodekeeper/client';
import type { Call } from '../foundation/call.js';
import { isConnectionLoss } from '../foundation/call.js';
import { RecipeError } from '../foundation/errors.js';
import { type ConnectionPolicy, SessionGuard } from '../foundation/session-guard.js';
import { childrenOf, type Ticket } from '../line/ticket.js';
import { handBack } from './hand-back.js';
import type { EndedRun, RunOptions } from './task-run.js';
import { runTask } from './task-run.js';
import type { WorkTree } from './tree.js';

/** The events of a shift. */
interface ShiftListener {
  started(task: string): void;
  ended(task: string, run: EndedRun): void;
}

/** The time from one registration of a worker to its end. A worker whose session is in doubt begins a new shift. */
export class Shift {
  /** Why the shift is over; undefined while it lasts. */
  over: RecipeError | undefined;
  /** True if the shift has ended because no task was assigned any more. */
  isDrained = false;
  readonly #call: Call;
  readonly #tree: WorkTree;
  readonly #worker: string;
  readonly #ticket: Ticket;
  readonly #options: RunOptions;
  readonly #listener: ShiftListener;
  readonly #runs = new Map<string, { readonly controller: AbortController; readonly done: Promise<void> }>();
  readonly #ending = new AbortController();
  #wake: () => void = () => {};
  #isAwake = false;
  #fault: unknown;

  constructor(
    call: Call,
    tree: WorkTree,
    worker: string,
    ticket: Ticket,
    options: RunOptions,
    listener: ShiftListener,
  ) {
    this.#call = call;
    this.#tree = tree;
    this.#worker = worker;
    this.#ticket = ticket;
    this.#options = options;
    this.#listener = listener;
  }

  /** The number of tasks that run now. */
  get running(): number {
    return this.#runs.size;
  }

  /**
   * Runs the assigned tasks until the session is in doubt, the worker's node is deleted, or the call is aborted. Then
   * aborts the tasks, and waits for them.
   *
   * @param isDraining true if the shift must end when no task is assigned any more
   */
  async run(policy: ConnectionPolicy, isDraining: () => boolean): Promise<void> {
    const { zk } = this.#call.caller;
    const doubt = (reason: string) => this.#end('IN_DOUBT', `its tasks may be assigned to another worker: ${reason}`);
    const forgetSession = SessionGuard.of(zk).depend(policy, doubt, this.#ticket.sessionId);
    const paths = [this.#tree.assignments(this.#worker), this.#ticket.path];
    try {
      const watch = (path: string) => zk.addWatch(path, this.wake, { mode: 'PERSISTENT', ...this.#call.limits });
      await this.#call.retry(() => Promise.all(paths.map(watch)));
      while (this.over === undefined) {
        const assigned = await this.#look();
        if (this.#fault !== undefined) throw this.#fault;
        if (isDraining() && assigned === 0 && this.#runs.size === 0) {
          this.isDrained = true;
          return;
        }
        if (!this.#isAwake && this.over === undefined) await this.#sleep();
      }
    } catch (error) {
      // a request that failed with the session, or with the end of the shift
      if (this.over === undefined) throw error;
      this.#call.check();
    } finally {
      forgetSession();
      this.#end('ABORTED', 'the worker stops');
      for (const path of paths) {
        zk.removeWatches(path, { kind: 'persistent', callback: this.wake, local: true }).catch(() => {});
      }
      await Promise.all([...this.#runs.values()].map(({ done }) => done));
    }
  }

  /** Looks at the tree again. */
  readonly wake = (): void => {
    this.#isAwake = true;
    this.#wake();
  };

  async #sleep(): Promise<void> {
    await this.#call.wait((wake) => {
      this.#wake = wake;
      return () => {};
    });
  }

  #end(code: 'IN_DOUBT' | 'LOST' | 'ABORTED', detail: string): void {
    if (this.over !== undefined) return;
    this.over = new RecipeError(code, this.#call.caller, detail);
    this.#ending.abort(this.over);
    for (const { controller } of this.#runs.values()) controller.abort(this.over);
    this.wake();
  }

  /** Starts the tasks that are newly assigned, and aborts those that were taken back. Returns how many are assigned. */
  async #look(): Promise<number> {
    this.#isAwake = false;
    const { zk } = this.#call.caller;
    const [names, stat] = await this.#call.retry(() =>
      Promise.all([
        childrenOf(zk, this.#tree.assignments(this.#worker), this.#call),
        zk.exists(this.#ticket.path, this.#call.limits),
      ]),
    );
    if (this.over !== undefined) return 0;
    if (stat?.czxid !== this.#ticket.czxid) {
      this.#end('LOST', `${this.#ticket.path} was deleted`);
      return 0;
    }
    const assigned = new Set(names);
    for (const [task, { controller }] of this.#runs) {
      if (!assigned.has(task)) controller.abort(new RecipeError('LOST', this.#call.caller, `${task} was taken back`));
    }
    for (const task of assigned) if (!this.#runs.has(task)) this.#start(task);
    return assigned.size;
  }

  #start(task: string): void {
    const controller = new AbortController();
    const done = this.#runOne(task, controller.signal)
      .catch((error) => {
        const isPassing = isConnectionLoss(error) || ZooKeeperError.is(error, 'SESSIONEXPIRED');
        if (!isPassing && this.over === undefined) this.#fault ??= error;
      })
      .finally(() => {
        this.#runs.delete(task);
        this.wake();
      });
    this.#runs.set(task, { controller, done });
  }

  async #runOne(task: string, signal: AbortSignal): Promise<void> {
    const { zk } = this.#call.caller;
    const path = this.#tree.assignment(this.#worker, task);
    const [stat, payload] = await this.#call.retry(() =>
      Promise.all([
        zk.exists(path, this.#call.limits),
        zk.get(this.#tree.task(task), this.#call.limits).catch((error) => {
          if (!ZooKeeperError.is(error, 'NONODE')) throw error;
        }),
      ]),
    );
    if (stat === null || signal.aborted) return;
    // an earlier worker of this name may have begun the task, and without a task there is nothing to do
    if (stat.czxid < this.#ticket.czxid || payload === undefined) {
      await handBack(this.#call, this.#tree, this.#worker, task, { mayHaveBegun: true });
      return;
    }
    this.#listener.started(task);
    const context = { name: task, token: stat.czxid, signal };
    this.#listener.ended(
      task,
      await runTask(this.#call, this.#tree, this.#worker, payload.data, context, this.#options),
    );
  }
}
