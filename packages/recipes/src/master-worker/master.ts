import type { ZooKeeper } from '@nodekeeper/client';
import { type Call, type Caller, runCall, type WaitOptions } from '../foundation/call.js';
import { type Checks, isFunction, isNodeName, isTimeMs, oneOf } from '../foundation/checks.js';
import { RecipeError } from '../foundation/errors.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';
import { runRenewing } from '../foundation/run-renewing.js';
import { type ConnectionPolicy, isRenewed } from '../foundation/session-guard.js';
import { uuid } from '../foundation/unique-id.js';
import type { Ticket } from '../line/ticket.js';
import { firstOnly, WaitingLine } from '../line/waiting-line.js';
import type { Held } from '../locks/hold.js';
import { Mastership, takeOver } from './mastership.js';
import { Reporter } from './reporter.js';
import { type AssignmentStrategy, leastLoaded } from './strategy.js';
import { type MasterEvent, Term } from './term.js';
import { WorkTree } from './tree.js';

/** Options of a `Master`. */
export interface MasterOptions extends RecipeOptions {
  /** The data of the node `master`. Default: a random name. */
  readonly name?: string;
  /** Chooses the worker for a task. Default: the worker with the fewest tasks in relation to its capacity. */
  readonly strategy?: AssignmentStrategy;
  /**
   * When a master that has lost its connection gives up. Default `session`: when its session may have expired. A master
   * that continues too long does no harm, because the servers refuse its writes.
   */
  readonly policy?: ConnectionPolicy;
  /** The master deletes a task and its result after this time, in milliseconds. Default: one day. */
  readonly resultTtlMs?: number;
}

const masterChecks: Checks = {
  name: isNodeName,
  strategy: isFunction,
  policy: oneOf('suspend', 'session'),
  resultTtlMs: isTimeMs,
};

const dayMs = 24 * 60 * 60 * 1000;

/**
 * A candidate for the master of a group of workers. One candidate at a time is the master: it assigns the tasks of the
 * clients to the workers. If the master dies, the next candidate in the line continues.
 */
export class Master extends Reporter<MasterEvent> implements AsyncDisposable {
  readonly name: string;
  readonly #caller: Caller;
  readonly #tree: WorkTree;
  readonly #line: WaitingLine;
  readonly #policy: ConnectionPolicy;
  readonly #options: MasterOptions;
  readonly #closing = new AbortController();
  #mastership: Mastership | undefined;
  #campaign: Promise<void> | undefined;

  /** @param path the directory of the group; it is created when it is needed */
  constructor(zk: ZooKeeper, path: string, options: MasterOptions = {}) {
    super();
    this.#caller = callerOf(zk, 'Master', path, options, masterChecks);
    this.#tree = new WorkTree(path);
    const { name, policy = 'session' } = options;
    this.name = name ?? `master-${uuid(zk.ports.random).slice(0, 8)}`;
    const markers = ['-lock-'];
    this.#line = new WaitingLine(
      { ...this.#caller, path: this.#tree.masters },
      { naming: 'curator', marker: '-lock-', markers },
    );
    this.#policy = policy;
    this.#options = options;
  }

  /** The leadership while this candidate is the master, otherwise undefined. `release` passes it to the next one. */
  get leadership(): Held | undefined {
    return this.#mastership;
  }

  /** Joins the line of the candidates. Resolves when the directories exist; the event `leading` comes later. */
  async start(options: WaitOptions = {}): Promise<void> {
    this.#checkOpen();
    await runRenewing(this.#caller, options, (call) => this.#tree.ensure(call));
    this.#checkOpen();
    const { signal } = this.#closing;
    this.#campaign ??= runCall(this.#caller, { signal }, (call) => this.#takePart(call)).catch((error) => {
      if (!signal.aborted) this.tellError(error);
      this.#closing.abort();
    });
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) throw new RecipeError('CLOSED', this.#caller, 'the master was closed');
  }

  async #takePart(call: Call): Promise<never> {
    for (;;) {
      try {
        const seat = await this.#line.waitForTurn(call, this.name, firstOnly);
        await this.#lead(call, seat);
      } catch (error) {
        call.check();
        if (!isRenewed(call.caller.zk, error)) throw error;
      }
    }
  }

  async #lead(call: Call, seat: Ticket): Promise<void> {
    let mastership: Mastership | undefined;
    try {
      const begun = await takeOver(call, this.#tree, seat, this.name);
      if (begun === undefined) return;
      mastership = new Mastership(this.#caller, this.#tree, begun, seat, this.#policy);
      await this.#serve(call, mastership);
    } finally {
      this.#mastership = undefined;
      if (mastership === undefined) await this.#line.leave(seat);
      else {
        await mastership[Symbol.asyncDispose]();
        this.tell({ type: 'standby' });
      }
    }
  }

  /** Works until the leadership ends. */
  async #serve(call: Call, mastership: Mastership): Promise<void> {
    this.#mastership = mastership;
    this.tell({ type: 'leading', token: mastership.token });
    const { strategy = leastLoaded, resultTtlMs = dayMs } = this.#options;
    const options = { strategy, resultTtlMs, tell: (event: MasterEvent) => this.tell(event) };
    const signal = AbortSignal.any([call.signal, mastership.ended]);
    try {
      await runCall(this.#caller, { signal }, (term) => new Term(term, this.#tree, mastership, options).run());
    } catch (error) {
      call.check();
      if (!mastership.ended.aborted) throw error;
    }
  }

  /** Gives the leadership up, and leaves the line. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#campaign;
    this.tellClosed();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
