export interface Clock {
  /** Milliseconds that never decrease, for timeouts. */
  monotonicMs(): number;
  /** Milliseconds since 1970, for logs and transactions. */
  wallMs(): number;
}

/** Returns a number in [0, 1). */
export type Random = () => number;
