export interface Clock {
  /** Returns milliseconds that never decrease. Use them for timeouts. */
  monotonicMs(): number;
  /** Returns the milliseconds since 1970. Use them for logs and transactions. */
  wallMs(): number;
}

/** Returns a number in [0, 1). */
export type Random = () => number;
