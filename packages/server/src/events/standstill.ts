/** A tick so much later than the one before means that the process stood still. */
const standstillMs = 250;

/**
 * Whoever looks at deadlines has to pass over the first tick after a standstill: what others said meanwhile has arrived,
 * and is read before the next one. Only one in a row, or a process that is always slow would never look.
 */
export class Standstill {
  #tickedMs: number;
  #isPassedOver = false;

  constructor(nowMs: number) {
    this.#tickedMs = nowMs;
  }

  /** To be asked at each tick: whether deadlines say nothing now. */
  passesOver(nowMs: number): boolean {
    const wasLong = nowMs - this.#tickedMs > standstillMs;
    this.#tickedMs = nowMs;
    this.#isPassedOver = wasLong && !this.#isPassedOver;
    return this.#isPassedOver;
  }
}
