import { EventEmitter } from 'node:events';
import { type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { type Caller, isConnectionLoss, runCall, type WaitOptions } from '../foundation/call.js';
import { type Checks, checkOptions, isFunction } from '../foundation/checks.js';
import { Condition } from '../foundation/condition.js';
import { emitSafely } from '../foundation/emit-safely.js';
import { RecipeError, recipeError } from '../foundation/errors.js';
import { callerOf } from '../foundation/recipe-options.js';
import { whenSessionEnds } from '../foundation/session-end.js';
import { isRenewed } from '../foundation/session-guard.js';

/** The events of a `DataWatch` and a `ChildrenWatch`. */
export interface StateWatchEvents {
  /** The node could not be read, for example because its data is invalid. The watch continues. */
  invalid: [error: RecipeError];
  /** The watch has ended, because the client has no session any more. */
  error: [error: RecipeError];
}

/** Called with each state, undefined for a missing node. If it returns or resolves with false, the watch ends. */
export type StateListener<State> = (state: State | undefined) => unknown;

/** The common part of `DataWatch` and `ChildrenWatch`. */
export abstract class StateWatch<State> extends EventEmitter<StateWatchEvents> implements AsyncDisposable {
  protected readonly caller: Caller;
  readonly #listener: StateListener<State>;
  readonly #condition = new Condition();
  /** Why the watch is over; undefined while it is not. */
  #overError: RecipeError | undefined;
  #isStarted = false;
  /** True after the listener got the first state, or the event `invalid` reported its data. */
  #isReady = false;
  #hasChanged = false;
  #wake = () => {};
  #forgetSession = () => {};

  /** @internal */
  constructor(
    zk: ZooKeeper,
    recipe: string,
    path: string,
    listener: StateListener<State>,
    options: object = {},
    checks: Checks = {},
  ) {
    super();
    this.caller = callerOf(zk, recipe, path, options, checks);
    this.#listener = listener;
    checkOptions(this.caller, { listener: listener ?? null }, { listener: isFunction });
  }

  /** Reads the state, and sets a one-shot watch that calls `changed`. Rejects with `NONODE` for a missing node. */
  protected abstract read(changed: () => void): Promise<State>;

  /** True if two states are the same. */
  protected abstract equal(one: State, other: State): boolean;

  /**
   * Starts the watch. Resolves when the listener has returned for the first state, or the event `invalid` has reported
   * its data.
   * If the call rejects, the watch is closed.
   */
  async start(options: WaitOptions = {}): Promise<void> {
    if (this.#overError !== undefined) throw this.#overError;
    try {
      await runCall(this.caller, options, (call) =>
        this.#condition.until(call, () => {
          if (this.#overError !== undefined && !this.#isReady) throw this.#overError;
          if (!this.#isStarted) void this.#run();
          return this.#isReady || undefined;
        }),
      );
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Ends the watch: the listener is not called any more. */
  async close(): Promise<void> {
    this.#stop(new RecipeError('CLOSED', this.caller, 'the watch is closed'));
    // ignores errors: the watch may not exist, and without a session there is no watch
    await this.caller.zk.removeWatches(this.caller.path, { callback: this.#onEvent, local: true }).catch(() => {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #stop(error: RecipeError): void {
    this.#overError ??= error;
    this.#forgetSession();
    this.#wake();
    this.#condition.changed();
  }

  readonly #onEvent = (): void => {
    this.#hasChanged = true;
    this.#wake();
  };

  #ready(): void {
    this.#isReady = true;
    this.#condition.changed();
  }

  async #run(): Promise<void> {
    this.#isStarted = true;
    this.#forgetSession = whenSessionEnds(this.caller, (error) => {
      const isNews = this.#overError === undefined && this.#isReady && error.code !== 'CLOSED';
      this.#stop(error);
      if (isNews) emitSafely<StateWatchEvents, 'error'>(this, 'error', error);
    });
    let told: { state: State | undefined } | undefined;
    while (this.#overError === undefined) {
      this.#hasChanged = false;
      try {
        const state = await this.#look();
        if (this.#overError !== undefined) break;
        const isNews = told === undefined || !this.#isSame(told.state, state);
        const goesOn = !isNews || (await this.#tell(state));
        told = { state };
        this.#ready();
        if (!goesOn) break;
      } catch (error) {
        await this.#refused(error);
      }
      await this.#untilChanged();
    }
    // a read that was under way may have set a watch after `close`
    await this.close();
  }

  /** Returns the state, or undefined for a missing node. In both cases there is a watch for the next change. */
  async #look(): Promise<State | undefined> {
    const { zk, path } = this.caller;
    for (;;) {
      try {
        return await this.read(this.#onEvent);
      } catch (error) {
        if (!ZooKeeperError.is(error, 'NONODE')) throw error;
      }
      if ((await zk.exists(path, { watch: this.#onEvent })) === null) return undefined;
    }
  }

  #isSame(one: State | undefined, other: State | undefined): boolean {
    return one === undefined || other === undefined ? one === other : this.equal(one, other);
  }

  /**
   * Calls the listener. Its exception becomes an uncaught exception of the process, and the watch continues. Returns
   * false if the listener ends the watch.
   */
  async #tell(state: State | undefined): Promise<boolean> {
    try {
      return (await this.#listener(state)) !== false;
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
      return true;
    }
  }

  async #refused(error: unknown): Promise<void> {
    const { zk, path } = this.caller;
    if (isConnectionLoss(error) || isRenewed(zk, error)) {
      // the next read waits for a connection, so this is no busy loop
      this.#hasChanged = true;
      return;
    }
    const problem = recipeError(error, this.caller) as RecipeError;
    if (problem.code !== 'INVALID_DATA') {
      if (!this.#isReady) return this.#stop(problem);
      // the refused read has set no watch
      await zk.exists(path, { watch: this.#onEvent }).catch(() => this.#onEvent());
    }
    if (this.#overError === undefined) emitSafely<StateWatchEvents, 'invalid'>(this, 'invalid', problem);
    this.#ready();
  }

  async #untilChanged(): Promise<void> {
    if (this.#hasChanged || this.#overError !== undefined) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }
}
