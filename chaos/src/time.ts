/** One monotonic clock for all records, in ms since the run began. */
export function now(): number {
  return performance.now();
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Polls until the condition holds. Returns false after `limitMs`. */
export async function until(isSo: () => boolean | Promise<boolean>, limitMs: number, everyMs = 50): Promise<boolean> {
  const deadline = now() + limitMs;
  while (!(await isSo())) {
    if (now() >= deadline) return false;
    await sleep(everyMs);
  }
  return true;
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
