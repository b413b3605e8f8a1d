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
 * The first session id is computed from the monotonic clock (spec 1.9.2). If this clock started at 0 in each process,
 * session ids could repeat after a restart.
 */
const startedMs = Number(process.hrtime.bigint() / 1_000_000n) - performance.now();
