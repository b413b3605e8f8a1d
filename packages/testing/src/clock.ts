import { type LocalEnsemble, ManualTimeline } from '@nodekeeper/server/local';

/** The clock of the servers and clients of a test. */
export class TestClock {
  readonly #timeline: LocalEnsemble['timeline'];

  /** @internal */
  constructor({ timeline }: LocalEnsemble) {
    this.#timeline = timeline;
  }

  /** The milliseconds since the start of the test, or since the start of this process with the transport `ports`. */
  get nowMs(): number {
    return this.#timeline.nowMs;
  }

  /**
   * Moves the clock. Every timer of the servers and of the clients that becomes due runs at its time, with everything
   * that follows from it. Needs the transport `memory`.
   */
  async advance(ms: number): Promise<void> {
    const timeline = this.#timeline;
    if (!(timeline instanceof ManualTimeline)) {
      throw new Error("clock.advance: the time of this machine cannot be moved. Start with transport: 'memory'");
    }
    if (!(ms >= 0)) throw new Error(`clock.advance: expected milliseconds, got ${ms}`);
    await timeline.advance(ms);
  }

  /**
   * Resolves or rejects as the promise does. With the transport `memory`, moves the clock until then. Rejects if that
   * takes more than `limitMs`.
   */
  async until<Result>(promise: Promise<Result>, limitMs = 60_000): Promise<Result> {
    const timeline = this.#timeline;
    if (!(timeline instanceof ManualTimeline)) return promise;
    let isSettled = false;
    const settled = () => {
      isSettled = true;
    };
    promise.then(settled, settled);
    await timeline.until('clock.until: the promise is not settled', () => isSettled, limitMs);
    return promise;
  }
}
