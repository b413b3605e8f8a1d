/** A time between two ticks longer than this means that the process stood still. */
const standstillMs = 250;

/**
 * Detects a standstill of the process. The first tick after a standstill must ignore deadlines, because the process has
 * not yet read the messages that arrived during the standstill. Two ticks in a row never ignore deadlines: otherwise a
 * permanently slow process would never check a deadline.
 */
export class Standstill {
  #tickedMs: number;
  #isPassedOver = false;

  constructor(nowMs: number) {
    this.#tickedMs = nowMs;
  }

  /** Call this method at each tick. Returns true if the tick must ignore deadlines. */
  passesOver(nowMs: number): boolean {
    const wasLong = nowMs - this.#tickedMs > standstillMs;
    this.#tickedMs = nowMs;
    this.#isPassedOver = wasLong && !this.#isPassedOver;
    return this.#isPassedOver;
  }
}
