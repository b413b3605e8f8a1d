import { EventEmitter } from 'node:events';
import { onAbort, type ZooKeeper } from '@nodekeeper/client';
import { type Caller, runCall, type WaitOptions } from '../foundation/call.js';
import { Condition } from '../foundation/condition.js';
import { emitSafely } from '../foundation/emit-safely.js';
import { RecipeError } from '../foundation/errors.js';
import { deleteSurely } from '../foundation/guaranteed-delete.js';
import type { Held } from '../locks/hold.js';
import { asContenders, type Contender } from './contenders.js';
import { ElectionLine, type ElectionOptions } from './election-line.js';
import { Term } from './term.js';

/** The events of a `LeaderLatch`. */
export interface LeaderLatchEvents {
  /** This client leads. The hold has the fencing token, and a signal that is aborted when the leadership ends. */
  leader: [held: Held];
  /** This client does not lead any more. The event comes before another client can lead. */
  notLeader: [reason: RecipeError];
  /** The latch has ended, because it cannot lead again. */
  error: [error: RecipeError];
}

/**
 * Stands for election from `start` to `close`. Each time that this client becomes leader, it leads until the leadership
 * is lost, in doubt, or released. Then it stands for election again, also with a new session of the client. The nodes
 * are those of Curator's `LeaderLatch`, or of kazoo's `Election`.
 */
export class LeaderLatch extends EventEmitter<LeaderLatchEvents> implements AsyncDisposable {
  readonly #caller: Caller;
  readonly #line: ElectionLine;
  readonly #condition = new Condition();
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;
  #ownPath: string | undefined;
  #term: Term | undefined;
  #failure: RecipeError | undefined;

  /** @param path the directory of the election; it is created when it is needed */
  constructor(zk: ZooKeeper, path: string, options: ElectionOptions = {}) {
    super();
    this.#line = new ElectionLine(zk, 'LeaderLatch', path, options, (ownPath) => {
      this.#ownPath = ownPath;
      this.#condition.changed();
    });
    this.#caller = this.#line.caller;
  }

  /** True from the event `leader` to the event `notLeader`. */
  get isLeader(): boolean {
    return this.#term !== undefined && !this.#term.signal.aborted;
  }

  /**
   * Starts to stand for election. Resolves when this client stands in the line. If the call rejects, the latch is
   * closed.
   */
  async start(options: WaitOptions = {}): Promise<void> {
    try {
      await this.#until(options, () => {
        this.#running ??= this.#run();
        return this.#ownPath;
      });
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Waits until this client leads. Returns at once if it does. The latch must be started. */
  waitForLeadership(options: WaitOptions = {}): Promise<Held> {
    return this.#until(options, () => {
      if (this.#running === undefined) throw new RecipeError('CLOSED', this.#caller, 'the latch is not started');
      return this.isLeader ? this.#term : undefined;
    });
  }

  /** Returns the contenders of this election, in the order in which they become leader. The leader comes first. */
  async contenders(options: WaitOptions = {}): Promise<Contender[]> {
    return asContenders(await this.#line.contenders(options));
  }

  /** Gives up the leadership, and leaves the line. Without a connection, it waits for the next one. */
  async close(): Promise<void> {
    this.#closing.abort(this.#closed());
    this.#term?.end(this.#closed());
    this.#condition.changed();
    await this.#running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #closed(): RecipeError {
    return new RecipeError('CLOSED', this.#caller, 'the latch is closed');
  }

  #until<Value>(options: WaitOptions, read: () => Value | undefined): Promise<Value> {
    return runCall(this.#caller, options, (call) =>
      this.#condition.until(call, () => {
        if (this.#failure !== undefined) throw this.#failure;
        if (this.#closing.signal.aborted) throw this.#closed();
        return read();
      }),
    );
  }

  // ---- the terms

  async #run(): Promise<void> {
    try {
      while (!this.#closing.signal.aborted) await this.#leadOnce();
    } catch (error) {
      await this.#ended(error as RecipeError);
    }
  }

  async #leadOnce(): Promise<void> {
    const hold = await this.#line.acquire({ signal: this.#closing.signal });
    const term = new Term(hold, this.#caller);
    if (this.#closing.signal.aborted) return term.leave();
    this.#term = term;
    emitSafely(this, 'leader', term);
    this.#condition.changed();
    await new Promise<void>((resolve) => {
      const end = () => {
        emitSafely(this, 'notLeader', term.signal.reason);
        resolve();
      };
      // a listener may have closed the latch
      if (term.signal.aborted) end();
      else onAbort(term.signal, end);
    });
    await term.leave();
  }

  async #ended(error: RecipeError): Promise<void> {
    // also if the line deletes the node in the background, so that it is gone when `close` returns
    if (this.#ownPath !== undefined) await deleteSurely(this.#caller.zk, this.#ownPath).catch(() => {});
    if (this.#closing.signal.aborted) return;
    this.#failure = error;
    this.#condition.changed();
    // otherwise `start` rejects, or the program has closed the client and knows that the latch has ended
    const isNews = this.#ownPath !== undefined && error.code !== 'CLOSED';
    if (isNews) emitSafely(this, 'error', error);
  }
}
