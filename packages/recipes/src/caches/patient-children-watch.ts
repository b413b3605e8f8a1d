import type { Stat, ZooKeeper } from '@nodekeeper/client';
import { type Call, type Caller, runCall, type WaitOptions } from '../foundation/call.js';
import { isTimeMs } from '../foundation/checks.js';
import { RecipeError } from '../foundation/errors.js';
import { callerOf, type RecipeOptions } from '../foundation/recipe-options.js';
import { whenSessionEnds } from '../foundation/session-end.js';

/** Options of a `PatientChildrenWatch`. */
export interface PatientChildrenWatchOptions extends Pick<RecipeOptions, 'retry'> {
  /** How long the list must not change, in milliseconds. Default 30,000. */
  readonly stableMs?: number;
}

/** A list of children that has not changed for some time. */
export interface StableChildren extends AsyncDisposable {
  /** The names, in alphabetical order. */
  readonly children: readonly string[];
  /** The Stat of the parent. */
  readonly stat: Stat;
  /** Aborted when the list changes, or the client has no session any more. */
  readonly changed: AbortSignal;
  /** Removes the watch. */
  close(): Promise<void>;
}

/** Waits until the list of children of a node is stable, for example after many processes have started. */
export class PatientChildrenWatch {
  readonly #caller: Caller;
  readonly #stableMs: number;

  /** @param path the parent */
  constructor(zk: ZooKeeper, path: string, options: PatientChildrenWatchOptions = {}) {
    this.#caller = callerOf(zk, 'PatientChildrenWatch', path, options, { stableMs: isTimeMs });
    this.#stableMs = options.stableMs ?? 30_000;
  }

  /**
   * Waits until the list has not changed for `stableMs`. Close the result, or call `wait` again after its signal.
   *
   * @throws `NONODE` if the parent does not exist
   */
  wait(options: WaitOptions = {}): Promise<StableChildren> {
    return runCall(this.#caller, options, async (call) => {
      for (;;) {
        const list = new WatchedList(this.#caller);
        try {
          await list.read(call);
          await this.#untilChangedOrStable(call, list.changed);
        } catch (error) {
          void list.close();
          throw error;
        }
        if (!list.changed.aborted) return list;
        await list.close();
        if (RecipeError.is(list.changed.reason)) throw list.changed.reason;
      }
    });
  }

  #untilChangedOrStable(call: Call, changed: AbortSignal): Promise<void> {
    return call.wait((wake) => {
      const cancel = this.#caller.zk.ports.scheduler.after(this.#stableMs, wake);
      changed.addEventListener('abort', wake);
      if (changed.aborted) wake();
      return () => {
        cancel();
        changed.removeEventListener('abort', wake);
      };
    });
  }
}

class WatchedList implements StableChildren {
  children: readonly string[] = [];
  stat!: Stat;
  readonly changed: AbortSignal;
  readonly #caller: Caller;
  readonly #controller = new AbortController();
  readonly #forgetSession: () => void;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.changed = this.#controller.signal;
    this.#forgetSession = whenSessionEnds(caller, (error) => this.#controller.abort(error));
  }

  async read(call: Call): Promise<void> {
    const { zk, path } = this.#caller;
    const list = await call.retry(() => zk.children(path, { watch: this.#onEvent, ...call.limits }));
    this.children = list.children.sort();
    this.stat = list.stat;
  }

  readonly #onEvent = (): void => this.#controller.abort();

  async close(): Promise<void> {
    const { zk, path } = this.#caller;
    this.#forgetSession();
    // ignores errors: the watch may not exist, and without a session there is no watch
    await zk.removeWatches(path, { kind: 'children', callback: this.#onEvent, local: true }).catch(() => {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
