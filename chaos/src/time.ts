/** The time in ms since the process started. All records use this monotonic clock. */
export function now(): number {
  return performance.now();
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Calls `isSo` every `everyMs` until it returns true. Returns false if this takes longer than `limitMs`. */
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
