import { type Checks, isFunction } from './checks.js';

/** Options of recipes that need the time of day. The ports of a client have only a clock without a date. */
export interface WallClockOptions {
  /** Returns the Unix time in milliseconds. Default `Date.now`. */
  readonly wallMs?: () => number;
}

export const wallClockChecks: Checks = { wallMs: isFunction };

export function wallClockOf({ wallMs }: WallClockOptions): () => number {
  return wallMs ?? Date.now;
}
