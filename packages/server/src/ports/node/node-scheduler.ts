import type { Scheduler } from '../scheduler.js';

/** The clocks and timers of this process. */
export const nodeScheduler: Scheduler = {
  monotonicMs: () => performance.now() + startedMs,
  wallMs: Date.now,
  nextTurn: (work) => void setImmediate(work),
  every(intervalMs, work) {
    const timer = setInterval(work, intervalMs);
    return () => clearInterval(timer);
  },
};

/**
 * Session ids start from the clock. The clock must therefore not start at 0 with each process, but continue across
 * restarts of the process (spec 1.9.2).
 */
const startedMs = Number(process.hrtime.bigint() / 1_000_000n) - performance.now();
