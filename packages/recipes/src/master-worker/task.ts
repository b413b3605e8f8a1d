import type { Codec } from '@nodekeeper/client';
import { ZooKeeperError } from '@nodekeeper/client';
import type { Call, Caller, WaitOptions } from '../foundation/call.js';
import { RecipeError } from '../foundation/errors.js';
import { runRenewing } from '../foundation/run-renewing.js';
import { decodeStatus, encodeStatus } from './status.js';
import { aclOf, deleteIfThere, inDirectory, type WorkTree } from './tree.js';
import { untilChanged } from './until-changed.js';

/** How a task ended. `worker` is missing if a person wrote the status by hand. */
export type TaskOutcome<Result> =
  | { readonly state: 'done'; readonly worker?: string; readonly result: Result }
  | { readonly state: 'failed'; readonly worker?: string; readonly message: string }
  /** The worker of an at-most-once task is gone. It may have done a part of the task. */
  | { readonly state: 'lost'; readonly worker?: string }
  | { readonly state: 'cancelled' };

/** A task that was submitted. Its nodes stay until a client deletes them, or the master after `resultTtlMs`. */
export class Task<Result> {
  /** The name of its node. A client that knows the name can ask for the result later. */
  readonly name: string;
  readonly #caller: Caller;
  readonly #tree: WorkTree;
  readonly #codec: Codec<Result, never>;

  /** @internal Programs get tasks from a `TaskClient`. */
  constructor(caller: Caller, tree: WorkTree, name: string, codec: Codec<Result, never>) {
    this.name = name;
    this.#caller = caller;
    this.#tree = tree;
    this.#codec = codec;
  }

  get path(): string {
    return this.#tree.task(this.name);
  }

  /**
   * Waits for the result.
   *
   * @throws `TASK_FAILED` (the work threw an error, or the task was cancelled), `LOST` (an at-most-once task whose worker
   * is gone), `NONODE` (the task was deleted), `INVALID_DATA` (the codec cannot decode the result)
   */
  async result(options: WaitOptions = {}): Promise<Result> {
    const outcome = await this.outcome(options);
    if (outcome.state === 'done') return outcome.result;
    const { code, detail } = failureOf(this.name, outcome);
    throw new RecipeError(code, this.#caller, detail);
  }

  /** Waits for the end of the task. Unlike `result`, resolves also if the task has failed. */
  outcome(options: WaitOptions = {}): Promise<TaskOutcome<Result>> {
    return runRenewing(this.#caller, options, async (call) => {
      for (;;) {
        const outcome = await this.#read(call);
        if (outcome !== undefined) return outcome;
        let isDeleted = false;
        await untilChanged(call, [this.#tree.statusOf(this.name), this.path], ([status, task]) => {
          isDeleted = status === null && task === null;
          return status === null && task !== null;
        });
        if (isDeleted) throw new RecipeError('NONODE', this.#caller, `the task ${this.name} does not exist`);
      }
    });
  }

  async #read(call: Call): Promise<TaskOutcome<Result> | undefined> {
    const { zk } = this.#caller;
    const path = this.#tree.statusOf(this.name);
    try {
      const { data } = await call.retry(() => zk.get(path, call.limits));
      return this.#decode(path, data);
    } catch (error) {
      if (ZooKeeperError.is(error, 'NONODE')) return undefined;
      throw error;
    }
  }

  #decode(path: string, data: Buffer | null): TaskOutcome<Result> {
    const status = decodeStatus(data);
    if (status === undefined) {
      throw new RecipeError('BAD_NODE', this.#caller, `${path} must start with done, failed, lost or cancelled`);
    }
    const { state, body } = status;
    const worker = status.worker === undefined ? {} : { worker: status.worker };
    if (state === 'failed') return { state, message: String(body ?? ''), ...worker };
    if (state === 'lost') return { state, ...worker };
    if (state === 'cancelled') return { state };
    try {
      // work that returns nothing has the result undefined
      return { state, result: body === undefined ? (undefined as Result) : this.#codec.decode(body), ...worker };
    } catch (error) {
      const detail = `the codec cannot decode the result in ${path}: ${(error as Error).message}`;
      throw new RecipeError('INVALID_DATA', this.#caller, detail, error);
    }
  }

  /**
   * Cancels the task, unless it has ended. The signal of its work is aborted. Returns false if the task had
   * ended already, or does not exist.
   */
  cancel(options: WaitOptions = {}): Promise<boolean> {
    return runRenewing(this.#caller, options, async (call) => {
      const { zk } = this.#caller;
      const cancelled = encodeStatus('cancelled');
      const path = this.#tree.statusOf(this.name);
      try {
        await inDirectory(call, this.#tree, path, () =>
          zk.transaction().check(this.path).create(path, cancelled, aclOf(this.#caller)).commit(call.limits),
        );
        return true;
      } catch (error) {
        if (ZooKeeperError.is(error, 'NONODE')) return false;
        if (!ZooKeeperError.is(error, 'NODEEXISTS')) throw error;
      }
      // an attempt whose reply was lost may have succeeded
      return (await this.#read(call))?.state === 'cancelled';
    });
  }

  /** Deletes the task and its status. A task that has not ended is cancelled. */
  delete(options: WaitOptions = {}): Promise<void> {
    return runRenewing(this.#caller, options, async (call) => {
      // in this order, because no worker can write a status without the task
      await deleteIfThere(call, this.path);
      await deleteIfThere(call, this.#tree.statusOf(this.name));
    });
  }
}

function failureOf(name: string, outcome: Exclude<TaskOutcome<unknown>, { state: 'done' }>) {
  if (outcome.state === 'cancelled') return { code: 'TASK_FAILED', detail: `${name} was cancelled` } as const;
  const worker = outcome.worker ?? 'its worker';
  if (outcome.state === 'failed') {
    return { code: 'TASK_FAILED', detail: `${name} failed on ${worker}: ${outcome.message}` } as const;
  }
  return { code: 'LOST', detail: `${name} is lost, because ${worker} is gone and may have begun it` } as const;
}
