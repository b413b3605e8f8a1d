import { type Acl, onAbort, type RequestOptions, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { checkArgument, waitChecks } from './checks.js';
import { type Place, RecipeError, recipeError } from './errors.js';
import type { RetryPolicy } from './retry.js';

/** Options of every call of a recipe that may wait. */
export interface WaitOptions {
  /** When this signal is aborted, the call rejects with `ABORTED` and leaves nothing behind. */
  readonly signal?: AbortSignal;
  /** After this time, in milliseconds, the call rejects with `TIMEOUT` and leaves nothing behind. Default: no limit. */
  readonly timeoutMs?: number;
}

/** What a recipe needs for its calls: the client, the name and path for errors, and the common options. */
export interface Caller extends Place {
  readonly zk: ZooKeeper;
  readonly retry: RetryPolicy;
  /** The ACL of the nodes that the recipe creates; undefined for the default of the client. */
  readonly acl: readonly Acl[] | undefined;
}

/**
 * Runs a call of a recipe with the limits of its caller. Errors of the client become errors of the recipe.
 *
 * @param work must pass `call.limits` to each request, and use `call.retry` for requests that are safe to repeat
 */
export async function runCall<Result>(
  caller: Caller,
  options: WaitOptions,
  work: (call: Call) => Promise<Result>,
): Promise<Result> {
  for (const [name, check] of Object.entries(waitChecks)) {
    const value = options[name as keyof WaitOptions];
    if (value !== undefined) checkArgument(caller, name, value, check);
  }
  const call = new Call(caller, options);
  try {
    return await work(call);
  } catch (error) {
    // that a change may have been made is more important than why the call ended
    if (RecipeError.is(error, 'IN_DOUBT')) throw error;
    throw call.error ?? recipeError(error, caller);
  } finally {
    call.end();
  }
}

/** A call of a recipe that has not returned yet. */
export class Call {
  readonly caller: Caller;
  /** Aborted when the caller of the recipe stops waiting. */
  readonly signal: AbortSignal;
  /** The options for the requests of this call. */
  readonly limits: RequestOptions;
  /** Why the call must end; undefined while it may continue. */
  error: RecipeError | undefined;
  readonly #controller = new AbortController();
  readonly #forget: () => void;

  constructor(caller: Caller, { signal, timeoutMs }: WaitOptions) {
    this.caller = caller;
    this.signal = this.#controller.signal;
    this.limits = { signal: this.signal };
    const abort = () => this.#stop(new RecipeError('ABORTED', caller, 'aborted', signal?.reason));
    const expire = () => this.#stop(new RecipeError('TIMEOUT', caller, `not done within ${timeoutMs} ms`));
    const cancelTimer = timeoutMs === undefined ? undefined : caller.zk.ports.scheduler.after(timeoutMs, expire);
    const forgetSignal = onAbort(signal, abort);
    this.#forget = () => {
      forgetSignal();
      cancelTimer?.();
    };
    if (signal?.aborted) abort();
  }

  #stop(error: RecipeError): void {
    this.error ??= error;
    this.#controller.abort(error);
  }

  /** Throws if the caller has stopped waiting. */
  check(): void {
    if (this.error !== undefined) throw this.error;
  }

  /** Repeats a request as long as its connection is lost and the policy allows it. It must be safe to repeat. */
  async retry<Result>(request: () => Promise<Result>): Promise<Result> {
    const { zk, retry } = this.caller;
    const startMs = zk.ports.scheduler.monotonicMs();
    for (let attempt = 1; ; attempt++) {
      try {
        return await request();
      } catch (error) {
        if (!isConnectionLoss(error)) throw error;
        const delayMs = retry(attempt, zk.ports.scheduler.monotonicMs() - startMs, zk.ports.random);
        if (delayMs === undefined) throw error;
        await this.sleep(delayMs);
      }
    }
  }

  /** Waits. Rejects when the caller stops waiting. */
  sleep(durationMs: number): Promise<void> {
    const { scheduler } = this.caller.zk.ports;
    return this.wait((wake) => scheduler.after(durationMs, wake));
  }

  /**
   * Waits until `wake` is called. Rejects when `fail` is called or the caller stops waiting.
   *
   * @param start gets `wake` and `fail`, and returns a function that cleans up when the wait is over
   */
  async wait(start: (wake: () => void, fail: (error: unknown) => void) => () => void): Promise<void> {
    this.check();
    let forgetSignal = () => {};
    let cleanUp = () => {};
    try {
      await new Promise<void>((resolve, reject) => {
        forgetSignal = onAbort(this.signal, resolve);
        cleanUp = start(resolve, reject);
      });
    } finally {
      forgetSignal();
      cleanUp();
    }
    this.check();
  }

  /** Waits for work that continues when the caller stops waiting. Rejects then, or when the work fails. */
  async finish(work: Promise<unknown>): Promise<undefined> {
    // the work may also fail after this call has ended
    work.catch(() => {});
    await this.wait((wake, fail) => {
      work.then(() => wake(), fail);
      return () => {};
    });
  }

  /** Must be called when the call is over. */
  end(): void {
    this.#forget();
  }
}

/** True if the request failed with its connection or its time limit, so that its outcome may be unknown. */
export function isConnectionLoss(error: unknown): error is ZooKeeperError {
  return ZooKeeperError.is(error, 'CONNECTIONLOSS') || ZooKeeperError.is(error, 'REQUESTTIMEOUT');
}
