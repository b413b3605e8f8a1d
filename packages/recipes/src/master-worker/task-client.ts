import { type Codec, json, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { type Call, type Caller, runCall, type WaitOptions } from '../foundation/call.js';
import { type Checks, checkOptions, isCodec, isNodeName, oneOf } from '../foundation/checks.js';
import { RecipeError } from '../foundation/errors.js';
import { deleteUnseen } from '../foundation/guaranteed-delete.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';
import { isRenewed } from '../foundation/session-guard.js';
import { childrenOf } from '../line/ticket.js';
import { Task } from './task.js';
import { type Delivery, nameOfId, uniquePrefix } from './task-name.js';
import { aclOf, inDirectory, WorkTree } from './tree.js';

/** Options of a `TaskClient`. */
export interface TaskClientOptions<Payload, Result> extends RecipeOptions {
  /** Encodes the data of a task. Default `json()`. */
  readonly codec?: Codec<unknown, Payload>;
  /** Decodes a result. Default `json()`. */
  readonly resultCodec?: Codec<Result, never>;
}

const clientChecks: Checks = { codec: isCodec, resultCodec: isCodec };

/** Options of `TaskClient.submit`. */
export interface SubmitOptions extends WaitOptions {
  /**
   * Identifies the task, for example an order number. If a task with this id exists, no second one is created. Default: a
   * new task each time.
   */
  readonly id?: string;
  /** How often the task may run. Default `at-least-once`. */
  readonly delivery?: Delivery;
}

const submitChecks: Checks = { id: isNodeName, delivery: oneOf('at-least-once', 'at-most-once') };

/** Submits tasks to a master and its workers, and waits for the results. */
export class TaskClient<Payload = unknown, Result = unknown> {
  readonly #caller: Caller;
  readonly #tree: WorkTree;
  readonly #codec: Codec<unknown, Payload>;
  readonly #resultCodec: Codec<Result, never>;

  /** @param path the directory of the group; it is created when it is needed */
  constructor(zk: ZooKeeper, path: string, options: TaskClientOptions<Payload, Result> = {}) {
    this.#caller = callerOf(zk, 'TaskClient', path, options, clientChecks);
    this.#tree = new WorkTree(path);
    this.#codec = options.codec ?? json();
    this.#resultCodec = options.resultCodec ?? json<Result>();
  }

  /** Submits a task. Resolves when the task is stored; it then runs as soon as a worker is free. */
  submit(payload: Payload, options: SubmitOptions = {}): Promise<Task<Result>> {
    const { signal, timeoutMs, ...own } = options;
    return runCall(
      this.#caller,
      { ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) },
      async (call) => {
        checkOptions(this.#caller, own, submitChecks);
        const { id, delivery = 'at-least-once' } = own;
        const data = this.#encode(payload);
        if (id !== undefined) return this.task(await this.#createOnce(call, nameOfId(delivery, id), data));
        const prefix = uniquePrefix(delivery, this.#caller.zk.ports.random);
        return this.task(await this.#createSequential(call, prefix, data));
      },
    );
  }

  /** Submits a task, waits for its result, and deletes the task. If the call ends early, the task is cancelled. */
  async run(payload: Payload, options: SubmitOptions = {}): Promise<Result> {
    const { zk } = this.#caller;
    const startMs = zk.ports.scheduler.monotonicMs();
    const task = await this.submit(payload, options);
    const { signal, timeoutMs } = options;
    const leftMs =
      timeoutMs === undefined ? {} : { timeoutMs: timeoutMs - (zk.ports.scheduler.monotonicMs() - startMs) };
    try {
      const result = await task.result({ ...(signal && { signal }), ...leftMs });
      await task.delete();
      return result;
    } catch (error) {
      void task.delete().catch(() => {});
      throw error;
    }
  }

  /** Returns the task with this name, for example one that an earlier process has submitted. */
  task(name: string): Task<Result> {
    return new Task(this.#caller, this.#tree, name, this.#resultCodec);
  }

  #encode(payload: Payload): Uint8Array | string | null {
    try {
      return this.#codec.encode(payload);
    } catch (error) {
      const detail = `the codec cannot encode the task: ${(error as Error).message}`;
      throw new RecipeError('INVALID_DATA', this.#caller, detail, error);
    }
  }

  /** Creates the node unless it exists, so that a repeated request does no harm. */
  async #createOnce(call: Call, name: string, data: Uint8Array | string | null): Promise<string> {
    const { zk } = this.#caller;
    for (;;) {
      try {
        const path = this.#tree.task(name);
        const options = { ...aclOf(this.#caller), ...call.limits };
        await inDirectory(call, this.#tree, path, () => zk.create(path, data, options));
        return name;
      } catch (error) {
        if (ZooKeeperError.is(error, 'NODEEXISTS')) return name;
        this.#checkRenewed(call, error);
      }
    }
  }

  /**
   * Creates a sequential node. If the reply is lost, looks for a node with the prefix before the request is repeated. If
   * the call ends early, such a node is deleted in the background.
   */
  async #createSequential(call: Call, prefix: string, data: Uint8Array | string | null): Promise<string> {
    const { zk } = this.#caller;
    const options = { mode: 'PERSISTENT_SEQUENTIAL', ...aclOf(this.#caller), ...call.limits } as const;
    const path = this.#tree.task(prefix);
    let mayExist = false;
    const attempt = async () => {
      const found = mayExist ? await this.#find(call, prefix) : undefined;
      if (found !== undefined) return found;
      try {
        const created = await zk.create(path, data, options);
        return created.path.slice(created.path.lastIndexOf('/') + 1);
      } catch (error) {
        mayExist ||= ZooKeeperError.is(error) && error.outcome === 'unknown';
        throw error;
      }
    };
    try {
      for (;;) {
        try {
          return await inDirectory(call, this.#tree, path, attempt);
        } catch (error) {
          this.#checkRenewed(call, error);
        }
      }
    } catch (error) {
      if (mayExist) void deleteUnseen(zk, this.#tree.tasks, prefix).catch(() => {});
      throw error;
    }
  }

  async #find(call: Call, prefix: string): Promise<string | undefined> {
    const { zk } = this.#caller;
    // after `sync`, the server has applied the lost request, if the ensemble has carried it out at all
    await zk.sync(this.#tree.tasks, call.limits);
    return (await childrenOf(zk, this.#tree.tasks, call)).find((name) => name.startsWith(prefix));
  }

  /** After an expiry, a client with `renewSession` continues with its new session. Other errors end the call. */
  #checkRenewed(call: Call, error: unknown): void {
    call.check();
    if (!isRenewed(this.#caller.zk, error)) throw error;
  }
}
