import type { Scheduler } from '@nodekeeper/client';

/** When an instance that fails gets no requests for a while. */
export interface DownPolicy {
  /** The instance is down after this number of errors within `timeoutMs`. Default 2. */
  readonly errorsMax?: number;
  /** Errors are forgotten after this time since the first of them, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
}

interface Errors {
  readonly sinceMs: number;
  count: number;
}

/** Counts the errors of instances, by the id of the instance. */
export class DownInstances {
  readonly #errorsMax: number;
  readonly #timeoutMs: number;
  readonly #scheduler: Scheduler;
  readonly #errors = new Map<string, Errors>();

  constructor({ errorsMax = 2, timeoutMs = 30_000 }: DownPolicy, scheduler: Scheduler) {
    this.#errorsMax = errorsMax;
    this.#timeoutMs = timeoutMs;
    this.#scheduler = scheduler;
  }

  note(id: string): void {
    this.#forgetOld();
    const errors = this.#errors.get(id) ?? { sinceMs: this.#scheduler.monotonicMs(), count: 0 };
    errors.count++;
    this.#errors.set(id, errors);
  }

  isDown(id: string): boolean {
    this.#forgetOld();
    return (this.#errors.get(id)?.count ?? 0) >= this.#errorsMax;
  }

  /** Returns the time until the next errors are forgotten, in milliseconds; undefined without errors. */
  nextChangeMs(): number | undefined {
    this.#forgetOld();
    const [oldest] = this.#errors.values();
    return oldest && Math.max(0, oldest.sinceMs + this.#timeoutMs - this.#scheduler.monotonicMs());
  }

  /** The map is in the order of the first errors, because the errors of an instance are never moved in it. */
  #forgetOld(): void {
    const nowMs = this.#scheduler.monotonicMs();
    for (const [id, { sinceMs }] of this.#errors) {
      if (nowMs - sinceMs < this.#timeoutMs) return;
      this.#errors.delete(id);
    }
  }
}
