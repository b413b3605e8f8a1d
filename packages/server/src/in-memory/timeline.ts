/** A planned event. */
export interface TimelineEvent {
  readonly ms: number;
  /**
   * Of the events at one time, the event with the lowest rank runs first. With equal ranks, the event that was planned
   * first runs first.
   */
  readonly rank: number;
  readonly order: number;
  readonly work: () => void;
  /** If true, the event does not run. */
  isCancelled: boolean;
}

/** One clock and one list of planned events. The clock jumps from event to event. */
export class Timeline<Failure extends Error = Error> {
  nowMs = 0;
  /** The first promise that was broken. A failure stops the run. */
  failure: Failure | undefined;
  /** True if an event since the last callbacks of promises may have settled promises. Used by `runSettling` only. */
  isUnsettled = false;
  readonly #heap: TimelineEvent[] = [];
  #order = 0;

  after(delayMs: number, work: () => void, rank = 1): TimelineEvent {
    const ms = this.nowMs + Math.max(0, delayMs);
    const event = { ms, rank, order: this.#order++, work, isCancelled: false };
    push(this.#heap, event);
    return event;
  }

  /** The time of the next event; infinite if there is none. */
  get nextMs(): number {
    return this.#heap[0]?.ms ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Runs events until the time `untilMs`, or until `isDone` returns true. Throws the failure if a promise was broken.
   */
  run(untilMs: number, isDone: () => boolean = () => false): void {
    while (this.#runNext(untilMs)) {
      if (this.failure !== undefined) throw this.failure;
      if (isDone()) return;
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  /**
   * Like `run`, for code that uses promises. After each event that sets `isUnsettled`, it waits until all callbacks of
   * promises have run. So the time stands still for them, and the run stays repeatable.
   */
  async runSettling(untilMs: number, isDone: () => boolean = () => false): Promise<void> {
    while (this.#runNext(untilMs)) {
      if (this.isUnsettled) {
        this.isUnsettled = false;
        await promiseCallbacks();
      }
      if (this.failure !== undefined) throw this.failure;
      if (isDone()) return;
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  /** Runs the next event. Returns false if there is none until the time `untilMs`. */
  #runNext(untilMs: number): boolean {
    const heap = this.#heap;
    if (heap.length === 0 || heap[0]!.ms > untilMs) return false;
    const event = pop(heap);
    this.nowMs = Math.max(this.nowMs, event.ms);
    if (!event.isCancelled) event.work();
    return true;
  }
}

/** Resolves when Node has run all callbacks of promises that are due, and those that they have caused. */
function promiseCallbacks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function push(heap: TimelineEvent[], event: TimelineEvent): void {
  let at = heap.push(event) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (isBefore(heap[parent]!, event)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = event;
}

function pop(heap: TimelineEvent[]): TimelineEvent {
  const first = heap[0]!;
  const last = heap.pop()!;
  if (heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    if (isBefore(last, heap[child]!)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return first;
}

function isBefore(one: TimelineEvent, other: TimelineEvent): boolean {
  if (one.ms !== other.ms) return one.ms < other.ms;
  return one.rank !== other.rank ? one.rank < other.rank : one.order < other.order;
}
