/** Keeps requests of a client in flight and checks the replies. */
import type { Recorder } from '../recorder.js';
import type { Done } from './driver.js';
import { keyPath } from './keys.js';

/** Makes one request to the node at `path`, and calls `done` with the result. */
export type Issue = (path: string, done: Done) => void;

/** Keeps a number of requests in flight: each reply starts the next request. */
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

  /** Stops making requests. Resolves when the last request in flight has a reply. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return new Promise((resolve) => {
      this.#onIdle = resolve;
      this.#checkIdle();
    });
  }

  #startSlot(): void {
    const recorder = this.recorder;
    // reads the clock only if one request is in flight at a time, because only that row reports latencies
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
      // makes no more requests after an error, because a request that fails at once would be repeated endlessly
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
  /** The time from the first request to the last reply. */
  milliseconds: number;
  /** The user and system CPU time that this process used during the burst. */
  cpuMilliseconds: number;
}

/** Makes `count` requests at once, and resolves when all of them have a reply. */
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
  else if (bytes !== payloadBytes) recorder.fail(`A reply had ${bytes} bytes, expected ${payloadBytes}.`);
}
