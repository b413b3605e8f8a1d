/** Keeps requests outstanding on a client and checks what comes back. */
import type { Recorder } from '../recorder.js';
import type { Done } from './driver.js';
import { keyPath } from './keys.js';

/** Makes one request. */
export type Issue = (path: string, done: Done) => void;

/** So many requests outstanding at all times: each one that is answered brings on the next. */
export class Window {
  #isStopped = false;
  #outstanding = 0;
  #next = 0;
  #onIdle: (() => void) | undefined;

  constructor(
    readonly size: number,
    private readonly issue: Issue,
    private readonly payloadBytes: number,
    private readonly recorder: Recorder,
  ) {}

  start(): void {
    for (let slot = 0; slot < this.size; slot++) this.#startSlot();
  }

  /** Resolves when the last request is answered. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      this.#checkIdle();
    });
  }

  #startSlot(): void {
    const recorder = this.recorder;
    // the clock is read for one at a time only, where it is the latency that is asked for
    const isTimed = this.size === 1;
    let startedAt = 0;
    const issueNext = () => {
      this.#outstanding++;
      if (isTimed) startedAt = performance.now();
      this.issue(keyPath(this.#next++), done);
    };
    const done: Done = (error, bytes) => {
      this.#outstanding--;
      checkReply(recorder, this.payloadBytes, error, bytes);
      if (recorder.measuring) {
        recorder.operations++;
        if (isTimed) recorder.histogram.record(performance.now() - startedAt);
      }
      // one that fails at once would go on failing for ever
      if (this.#isStopped || error !== undefined) this.#checkIdle();
      else issueNext();
    };
    issueNext();
  }

  #checkIdle(): void {
    if (this.#outstanding === 0) this.#onIdle?.();
  }
}

export interface BurstTime {
  /** Until the last reply was in. */
  milliseconds: number;
  /** User and system time of this process. */
  cpuMilliseconds: number;
}

/** Makes all the requests in one go, and awaits all replies. */
export async function runBurst(
  count: number,
  issue: Issue,
  payloadBytes: number,
  recorder: Recorder,
): Promise<BurstTime> {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await new Promise<void>((resolve) => {
    let left = count;
    const done: Done = (error, bytes) => {
      checkReply(recorder, payloadBytes, error, bytes);
      if (--left === 0) resolve();
    };
    for (let index = 0; index < count; index++) issue(keyPath(index), done);
  });
  const milliseconds = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { milliseconds, cpuMilliseconds: (user + system) / 1000 };
}

function checkReply(recorder: Recorder, payloadBytes: number, error: Error | undefined, bytes: number): void {
  if (error !== undefined) recorder.fail(error.message);
  else if (bytes !== payloadBytes) recorder.fail(`A reply said ${bytes} bytes where ${payloadBytes} were due.`);
}
