export interface Clock {
  /** Milliseconds that never go back, for timeouts. */
  monotonicMs(): number;
  /** Milliseconds since 1970, for what people and transactions see. */
  wallMs(): number;
}

/** Draws numbers in [0, 1). */
export type Random = () => number;
