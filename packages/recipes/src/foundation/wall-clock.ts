import { type Checks, isFunction } from './checks.js';

/** Options of recipes that need the time of day. The ports of a client have only a clock without a date. */
export interface WallClockOptions {
  /** Returns the Unix time in milliseconds. Default `Date.now`. */
  readonly nowMs?: () => number;
}

export const wallClockChecks: Checks = { nowMs: isFunction };

export function wallClockOf({ nowMs }: WallClockOptions): () => number {
  return nowMs ?? Date.now;
}
