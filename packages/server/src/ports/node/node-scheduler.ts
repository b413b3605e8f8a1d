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
 * Session ids start from a clock that continues across restarts of the process (spec 1.9.2), so it cannot start
 * with the process.
 */
const startedMs = Number(process.hrtime.bigint() / 1_000_000n) - performance.now();
