/** The behaviour of a correct object, for example a znode, when operations run one after the other. */
export interface Model<Operation, State> {
  readonly initial: State;
  /**
   * The state after the operation. It is the same object `state` if the operation changes nothing. It is undefined if
   * the operation cannot have its recorded result in `state`.
   */
  step(state: State, operation: Operation): State | undefined;
  /** A text that identifies the state: the same text for equal states, and different texts for different states. */
  nameOf(state: State): string;
}

interface Interval {
  readonly invokedMs: number;
  /**
   * Infinity if the client received no reply. Such an operation may take effect at any time after its invocation, or
   * never.
   */
  readonly completedMs: number;
}

type Verdict<Operation> =
  | { readonly isLinearizable: true }
  /** Undefined if the search reached its limit of steps without a result. */
  | { readonly isLinearizable: undefined }
  | {
      readonly isLinearizable: false;
      /** The longest order of operations that the search could build before no further operation fitted. */
      readonly longest: readonly Operation[];
      /**
       * The operations that, according to their times, could come next after `longest`. Their results do not fit the
       * state at that point.
       */
      readonly stuck: readonly Operation[];
    };

/**
 * An invocation or a completion, in a linked list ordered by time. The search unlinks the two entries of an operation
 * when it chooses the operation, and links them again when it backtracks.
 */
interface Entry<Operation> {
  readonly operation: Operation | undefined;
  readonly bit: bigint;
  readonly isKnown: boolean;
  /** For an invocation: its completion. Undefined for a completion, and for an operation without a reply. */
  completion: Entry<Operation> | undefined;
  readonly isInvocation: boolean;
  previous: Entry<Operation> | undefined;
  next: Entry<Operation> | undefined;
}

/** The search gives up after this number of steps. */
const stepsMax = 2_000_000;

/**
 * Searches for an order in which each operation takes effect between its invocation and completion, and all results
 * agree with the model. This is Wing and Gong's algorithm with Lowe's cache of configurations that have failed. A
 * configuration is the set of operations that took effect, and the state.
 */
export function checkLinearizable<Operation extends Interval, State>(
  model: Model<Operation, State>,
  operations: readonly Operation[],
): Verdict<Operation> {
  return new Search(model, operations).run();
}

class Search<Operation extends Interval, State> {
  readonly #model: Model<Operation, State>;
  readonly #head: Entry<Operation>;
  readonly #seen = new Set<string>();
  readonly #path: { readonly entry: Entry<Operation>; readonly state: State }[] = [];
  #state: State;
  #done = 0n;
  #knownLeft: number;
  #fewestLeft: number;
  #longest: Operation[] = [];
  #stuck: Operation[] = [];

  constructor(model: Model<Operation, State>, operations: readonly Operation[]) {
    this.#model = model;
    this.#state = model.initial;
    this.#head = listOf(operations);
    this.#knownLeft = operations.filter(({ completedMs }) => completedMs !== Number.POSITIVE_INFINITY).length;
    this.#fewestLeft = this.#knownLeft + 1;
  }

  run(): Verdict<Operation> {
    let entry = this.#head.next;
    for (let steps = 0; this.#knownLeft > 0; steps++) {
      if (steps > stepsMax) return { isLinearizable: undefined };
      if (entry?.isInvocation) {
        entry = this.#take(entry) ? this.#head.next : entry.next;
        continue;
      }
      // The chosen order does not contain an operation that has completed, so an earlier choice was wrong.
      this.#remember();
      const undone = this.#undo();
      if (undone === undefined) return { isLinearizable: false, longest: this.#longest, stuck: this.#stuck };
      entry = undone.next;
    }
    return { isLinearizable: true };
  }

  /**
   * Appends the operation to the order and returns true. Returns false if the result does not fit the state, or if the
   * search has already tried the resulting configuration.
   */
  #take(entry: Entry<Operation>): boolean {
    const state = this.#model.step(this.#state, entry.operation!);
    if (state === undefined) return false;
    const done = this.#done | entry.bit;
    const configuration = `${done.toString(16)} ${this.#model.nameOf(state)}`;
    if (this.#seen.has(configuration)) return false;
    this.#seen.add(configuration);
    this.#path.push({ entry, state: this.#state });
    this.#state = state;
    this.#done = done;
    if (entry.isKnown) this.#knownLeft--;
    unlink(entry);
    if (entry.completion !== undefined) unlink(entry.completion);
    return true;
  }

  /**
   * Removes operations from the end of the order, up to and including the last one that changed the state. It does not
   * stop at an operation that changed nothing, because the order without that operation leads to the same state.
   */
  #undo(): Entry<Operation> | undefined {
    for (;;) {
      const last = this.#path.pop();
      if (last === undefined) return undefined;
      const { entry, state } = last;
      const isChange = state !== this.#state;
      this.#state = state;
      this.#done ^= entry.bit;
      if (entry.isKnown) this.#knownLeft++;
      if (entry.completion !== undefined) link(entry.completion);
      link(entry);
      if (isChange) return entry;
    }
  }

  /** Keeps, for the report, the longest order so far and the operations that did not fit after it. */
  #remember(): void {
    if (this.#knownLeft >= this.#fewestLeft) return;
    this.#fewestLeft = this.#knownLeft;
    this.#longest = this.#path.map(({ entry }) => entry.operation!);
    this.#stuck = [];
    for (let entry = this.#head.next; entry?.isInvocation; entry = entry.next) this.#stuck.push(entry.operation!);
  }
}

function listOf<Operation extends Interval>(operations: readonly Operation[]): Entry<Operation> {
  const events: { readonly ms: number; readonly entry: Entry<Operation> }[] = [];
  operations.forEach((operation, index) => {
    const isKnown = operation.completedMs !== Number.POSITIVE_INFINITY;
    const shared = { bit: 1n << BigInt(index), isKnown, previous: undefined, next: undefined };
    const completion = isKnown
      ? { ...shared, operation: undefined, isInvocation: false, completion: undefined }
      : undefined;
    const invocation = { ...shared, operation, isInvocation: true, completion };
    events.push({ ms: operation.invokedMs, entry: invocation });
    if (completion !== undefined) events.push({ ms: operation.completedMs, entry: completion });
  });
  // Of two events at the same time, the invocation comes first. Operations that overlap may take effect in any order.
  events.sort((a, b) => a.ms - b.ms || Number(b.entry.isInvocation) - Number(a.entry.isInvocation));
  const shared = { operation: undefined, bit: 0n, isKnown: false, completion: undefined };
  const head: Entry<Operation> = { ...shared, isInvocation: false, previous: undefined, next: undefined };
  let last = head;
  for (const { entry } of events) {
    entry.previous = last;
    last.next = entry;
    last = entry;
  }
  return head;
}

function unlink<Operation>(entry: Entry<Operation>): void {
  entry.previous!.next = entry.next;
  if (entry.next !== undefined) entry.next.previous = entry.previous;
}

/** Puts the entry back into the list. It must be the entry that was unlinked last. */
function link<Operation>(entry: Entry<Operation>): void {
  entry.previous!.next = entry;
  if (entry.next !== undefined) entry.next.previous = entry;
}
