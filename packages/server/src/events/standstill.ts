/** A gap of this length between ticks means that the process stood still. */
const standstillMs = 250;

/**
 * Detects a standstill of the process. The first tick after one must ignore deadlines, because messages that arrived
 * during the standstill are read only after it. It skips only one tick in a row: otherwise a permanently slow process
 * would never check a deadline.
 */
export class Standstill {
  #tickedMs: number;
  #isPassedOver = false;

  constructor(nowMs: number) {
    this.#tickedMs = nowMs;
  }

  /** Call it at each tick. Returns true if this tick must ignore deadlines. */
  passesOver(nowMs: number): boolean {
    const wasLong = nowMs - this.#tickedMs > standstillMs;
    this.#tickedMs = nowMs;
    this.#isPassedOver = wasLong && !this.#isPassedOver;
    return this.#isPassedOver;
  }
}
