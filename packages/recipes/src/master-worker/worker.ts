import { type Codec, json, type ZooKeeper, type ZooKeeperError } from '@nodekeeper/client';
import { type Call, type Caller, runCall, type WaitOptions } from '../foundation/call.js';
import { type Checks, isCodec, isInteger, isNodeName, oneOf } from '../foundation/checks.js';
import { RecipeError } from '../foundation/errors.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';
import { runRenewing } from '../foundation/run-renewing.js';
import { type ConnectionPolicy, isRenewed } from '../foundation/session-guard.js';
import { uuid } from '../foundation/unique-id.js';
import type { Ticket } from '../line/ticket.js';
import { handBackAll } from './hand-back.js';
import { type Registration, register, unregister } from './registration.js';
import { Reporter } from './reporter.js';
import { Shift } from './shift.js';
import type { EndedRun, RunOptions, Work } from './task-run.js';
import { WorkTree } from './tree.js';
import { decodeWorker, encodeWorker } from './worker-data.js';

/** Options of a `Worker`. */
export interface WorkerOptions<Payload, Result> extends RecipeOptions {
  /** The name of the worker; no two workers of a group can have the same name. Default: a random name. */
  readonly name?: string;
  /** How many tasks run at the same time. Default 1. */
  readonly parallel?: number;
  /** Any JSON, for the assignment strategy of the master. */
  readonly info?: unknown;
  /** Decodes the data of a task. Default `json()`. */
  readonly codec?: Codec<Payload, never>;
  /** Encodes the result. Default `json()`. */
  readonly resultCodec?: Codec<unknown, Result>;
  /**
   * When the running tasks are aborted after a lost connection. Default `session`: when the session may have expired,
   * so that another worker may get the tasks.
   */
  readonly policy?: ConnectionPolicy;
}

const workerChecks: Checks = {
  name: isNodeName,
  parallel: isInteger(1),
  info: () => undefined,
  codec: isCodec,
  resultCodec: isCodec,
  policy: oneOf('suspend', 'session'),
};

/** Something that happened to a worker. */
export type WorkerEvent =
  /** The worker takes part: its node exists. */
  | { readonly type: 'registered'; readonly worker: string }
  /** The worker does not take part any more. It registers again, unless it was closed. */
  | { readonly type: 'unregistered'; readonly worker: string; readonly reason: string }
  | { readonly type: 'started'; readonly task: string }
  | { readonly type: 'done'; readonly task: string }
  | { readonly type: 'failed'; readonly task: string; readonly error: unknown }
  /** The result of the task did not count, for example because the task was taken back. */
  | { readonly type: 'refused'; readonly task: string; readonly reason: string };

/**
 * Runs the tasks that a master assigns to it. If its session expires and its client has `renewSession`, the worker
 * registers again.
 */
export class Worker<Payload = unknown, Result = unknown> extends Reporter<WorkerEvent> implements AsyncDisposable {
  readonly name: string;
  readonly #caller: Caller;
  readonly #tree: WorkTree;
  readonly #run: RunOptions;
  readonly #parallel: number;
  readonly #info: unknown;
  readonly #policy: ConnectionPolicy;
  readonly #id: string;
  readonly #closing = new AbortController();
  #registrations = 0;
  #isDraining = false;
  #shift: Shift | undefined;
  #service: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  /** Tells `start` that the worker has registered, or why it has not. */
  #starting: { readonly wake: () => void; readonly fail: (error: unknown) => void } | undefined;

  /**
   * @param path the directory of the group; it is created when it is needed
   * @param work runs one task. It must stop when its signal is aborted: the worker takes part again after that
   */
  constructor(zk: ZooKeeper, path: string, work: Work<Payload, Result>, options: WorkerOptions<Payload, Result> = {}) {
    super();
    this.#caller = callerOf(zk, 'Worker', path, options, workerChecks);
    if (typeof work !== 'function') throw new RecipeError('BADARGUMENTS', this.#caller, 'work must be a function');
    const { name, parallel = 1, info, codec = json(), resultCodec = json(), policy = 'session' } = options;
    this.#id = uuid(zk.ports.random);
    this.name = name ?? `worker-${this.#id.slice(0, 8)}`;
    this.#tree = new WorkTree(path);
    this.#parallel = parallel;
    this.#info = info;
    this.#policy = policy;
    // the program has chosen matching codecs and work
    this.#run = { work, codec, resultCodec } as RunOptions;
  }

  /** The number of tasks that run now. */
  get running(): number {
    return this.#shift?.running ?? 0;
  }

  /**
   * Registers the worker. Resolves when its node exists; waits while another worker has the name. If the call fails, the
   * worker is closed.
   */
  async start(options: WaitOptions = {}): Promise<void> {
    if (this.#closing.signal.aborted || this.#isDraining) {
      throw new RecipeError('CLOSED', this.#caller, 'the worker was closed');
    }
    if (this.#service !== undefined) return;
    try {
      await runCall(this.#caller, options, (call) =>
        call.wait((wake, fail) => {
          this.#starting = { wake, fail };
          this.#service ??= this.#takePart();
          return () => {
            this.#starting = undefined;
          };
        }),
      );
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Takes no new tasks, waits for those that are assigned, and closes the worker. */
  async drain(options: WaitOptions = {}): Promise<void> {
    this.#isDraining = true;
    if (this.#service !== undefined) {
      await runCall(this.#caller, options, async (call) => {
        await this.#announceDrain(call);
        this.#shift?.wake();
        await call.finish(this.#service!);
      });
    }
    await this.close();
  }

  /** Aborts the running tasks, waits for them, and gives them back. */
  close(): Promise<void> {
    this.#closing.abort();
    this.#closed ??= this.#end();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #takePart(): Promise<void> {
    const { signal } = this.#closing;
    try {
      await runCall(this.#caller, { signal }, (call) => this.#serve(call));
    } catch (error) {
      if (signal.aborted) return;
      this.#closing.abort();
      if (this.#starting !== undefined) this.#starting.fail(error);
      else this.tellError(error);
    }
  }

  /** Begins one shift after the other, until one ends because the worker has no tasks and wants no new ones. */
  async #serve(call: Call): Promise<void> {
    for (;;) {
      const registration = this.#nextRegistration();
      try {
        const ticket = await register(call, this.#tree, this.name, registration);
        if (await this.#work(call, ticket)) return;
      } catch (error) {
        call.check();
        if (!isRenewed(this.#caller.zk, error)) throw error;
      } finally {
        await unregister(this.#caller, this.#tree.worker(this.name), registration.id);
      }
    }
  }

  async #work(call: Call, ticket: Ticket): Promise<boolean> {
    const shift = new Shift(call, this.#tree, this.name, ticket, this.#run, {
      started: (task) => this.tell({ type: 'started', task }),
      ended: (task, run) => this.tell(eventOf(task, run)),
    });
    this.#shift = shift;
    this.tell({ type: 'registered', worker: this.name });
    this.#starting?.wake();
    try {
      await shift.run(this.#policy, () => this.#isDraining);
      return shift.isDrained;
    } finally {
      this.#shift = undefined;
      this.tell({ type: 'unregistered', worker: this.name, reason: shift.over?.message ?? 'failed' });
    }
  }

  #nextRegistration(): Registration {
    this.#registrations++;
    return this.#registration();
  }

  #registration(): Registration {
    const parallel = this.#isDraining ? 0 : this.#parallel;
    return {
      id: `${this.#id}/${this.#registrations}`,
      parallel,
      ...(this.#info !== undefined && { info: this.#info }),
    };
  }

  /** Changes the worker's node, so that the master assigns no more tasks: each assignment checks the node's version. */
  async #announceDrain(call: Call): Promise<void> {
    const { zk } = this.#caller;
    const path = this.#tree.worker(this.name);
    if (this.#shift === undefined) return;
    try {
      await call.retry(async () => {
        const { data, stat } = await zk.get(path, call.limits);
        const own = this.#registration();
        if (decodeWorker(data).id !== own.id) return;
        await zk.set(path, encodeWorker(own), { version: stat.version, ...call.limits });
      });
    } catch (error) {
      // without its node the worker registers again, and gets no tasks then
      const isGone = ['NONODE', 'BADVERSION', 'SESSIONEXPIRED'].includes((error as ZooKeeperError).code);
      if (!isGone) throw error;
    }
  }

  async #end(): Promise<void> {
    await this.#service;
    try {
      await runRenewing(this.#caller, {}, (call) => handBackAll(call, this.#tree, this.name));
    } catch (error) {
      // the session is over, or this client may not delete the nodes: the master takes the tasks back
      if (!RecipeError.is(error)) throw error;
    }
    this.tellClosed();
  }
}

function eventOf(task: string, run: EndedRun): WorkerEvent {
  const { outcome: type, ...rest } = run;
  return { type, task, ...rest } as WorkerEvent;
}
