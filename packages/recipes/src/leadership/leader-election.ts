import { onAbort, type ZooKeeper } from '@nodekeeper/client';
import type { WaitOptions } from '../foundation/call.js';
import { RecipeError } from '../foundation/errors.js';
import type { Held } from '../locks/hold.js';
import { asContenders, type Contender } from './contenders.js';
import { ElectionLine, type ElectionOptions } from './election-line.js';

/**
 * The work of a leader. It must end soon after `signal` is aborted: the leadership is lost or in doubt, or the caller of
 * `run` has aborted its own signal.
 */
export type LeaderWork<Result> = (held: Held, signal: AbortSignal) => Result | Promise<Result>;

/** Options of `LeaderElection.run`. `timeoutMs` limits the wait for the leadership, and not the work. */
export interface RunOptions extends WaitOptions {
  /** True: stand for election again each time that the work has ended or the leadership was lost. Default false. */
  readonly requeue?: boolean;
}

/**
 * Runs work while this client is the leader. The node of the leader stays until the work has ended, so no other client
 * leads before, as long as the session lives. The nodes are those of Curator's `LeaderSelector`, or of kazoo's
 * `Election`.
 */
export class LeaderElection {
  readonly #line: ElectionLine;

  /** @param path the directory of the election; it is created when it is needed */
  constructor(zk: ZooKeeper, path: string, options: ElectionOptions = {}) {
    this.#line = new ElectionLine(zk, 'LeaderElection', path, options);
  }

  /**
   * Waits for the leadership, runs `work`, gives the leadership up, and returns the result of `work`. An error of `work`
   * rejects the call after the leadership was given up.
   *
   * With `requeue` the call continues until `work` throws, `options.signal` is aborted, or the session is over for good.
   * An error with which `work` answers the end of the leadership does not end the call.
   */
  run(work: LeaderWork<unknown>, options: RunOptions & { readonly requeue: true }): Promise<never>;
  run<Result>(work: LeaderWork<Result>, options?: RunOptions): Promise<Result>;
  async run<Result>(work: LeaderWork<Result>, { requeue = false, ...wait }: RunOptions = {}): Promise<Result> {
    if (typeof work !== 'function') {
      throw new RecipeError('BADARGUMENTS', this.#line.caller, 'the work must be a function');
    }
    for (;;) {
      const hold = await this.#line.acquire(wait);
      try {
        const result = await runWhileLeading(hold, work, wait.signal);
        if (!requeue) return result;
      } catch (error) {
        if (!requeue || !isEndOfHold(hold, error)) throw error;
      }
    }
  }

  /** Returns the contenders of this election, in the order in which they become leader. The leader comes first. */
  async contenders(options: WaitOptions = {}): Promise<Contender[]> {
    return asContenders(await this.#line.contenders(options));
  }
}

async function runWhileLeading<Result>(
  hold: Held,
  work: LeaderWork<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  const stopping = new AbortController();
  const forgetHold = onAbort(hold.signal, () => stopping.abort(hold.signal.reason));
  const forgetCaller = onAbort(signal, () => stopping.abort(signal!.reason));
  if (signal?.aborted) stopping.abort(signal.reason);
  try {
    const result = await work(hold, stopping.signal);
    await hold[Symbol.asyncDispose]();
    return result;
  } catch (error) {
    // the caller must get the error of the work, and not the error of the release
    await Promise.resolve(hold[Symbol.asyncDispose]()).catch(() => {});
    throw error;
  } finally {
    forgetHold();
    forgetCaller();
  }
}

/** True if work has thrown `error` because the hold has ended. Node's own functions throw an error with this cause. */
function isEndOfHold({ signal }: Held, error: unknown): boolean {
  return signal.aborted && (error === signal.reason || (error as Error | undefined)?.cause === signal.reason);
}
