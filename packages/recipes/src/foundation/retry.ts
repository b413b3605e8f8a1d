import type { Random } from '@nodekeeper/client';

/**
 * Decides whether to repeat a request whose connection was lost. Returns the delay before the next attempt in
 * milliseconds, or undefined to give up.
 *
 * @param attempt 1 after the first failure
 * @param elapsedMs the time since the first attempt
 */
export type RetryPolicy = (attempt: number, elapsedMs: number, random: Random) => number | undefined;

/** The delay grows from `baseMs` to `maxMs`; it doubles with each attempt, and a random part of it is used. */
export interface Backoff {
  readonly baseMs?: number;
  readonly maxMs?: number;
}

function delayOf({ baseMs = 50, maxMs = 2000 }: Backoff, attempt: number, random: Random): number {
  return random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 30));
}

/** The ready-made retry policies. All of them wait longer after each attempt. */
export const retry = {
  /** Repeats until the session is over. The default of all recipes. */
  forever:
    (backoff: Backoff = {}): RetryPolicy =>
    (attempt, _elapsedMs, random) =>
      delayOf(backoff, attempt, random),
  /** Repeats at most `count` times. */
  times:
    (count: number, backoff: Backoff = {}): RetryPolicy =>
    (attempt, _elapsedMs, random) =>
      attempt > count ? undefined : delayOf(backoff, attempt, random),
  /** Repeats for at most `durationMs`. */
  during:
    (durationMs: number, backoff: Backoff = {}): RetryPolicy =>
    (attempt, elapsedMs, random) =>
      elapsedMs >= durationMs ? undefined : Math.min(delayOf(backoff, attempt, random), durationMs - elapsedMs),
  /** Never repeats. */
  none: (): RetryPolicy => () => undefined,
} as const;
