/** The behaviour of a correct object when operations run one after the other. */
export interface Model<Operation, State> {
  readonly initial: State;
  /**
   * The state after the operation with its recorded result; the same object if nothing changed. Undefined if the result
   * is impossible.
   */
  step(state: State, operation: Operation): State | undefined;
  /** Returns equal names for equal states. */
  nameOf(state: State): string;
}

interface Interval {
  readonly invokedMs: number;
  /** Infinity: the operation may take effect at any time after its invocation, or never. */
  readonly completedMs: number;
}

type Verdict<Operation> =
  | { readonly isLinearizable: true }
  /** The search was stopped at its limit. */
  | { readonly isLinearizable: undefined }
  | {
      readonly isLinearizable: false;
      /** The longest order that explains a prefix of the history. */
      readonly longest: readonly Operation[];
      /** The operations that could come next by time, but whose results do not fit. */
      readonly stuck: readonly Operation[];
    };

/** An invocation or a completion, in a list ordered by time. Pairs are unlinked and linked again. */
interface Entry<Operation> {
  readonly operation: Operation | undefined;
  readonly bit: bigint;
  readonly isKnown: boolean;
  /** Set for an invocation whose completion is known. */
  completion: Entry<Operation> | undefined;
  readonly isInvocation: boolean;
  previous: Entry<Operation> | undefined;
  next: Entry<Operation> | undefined;
}

/** The search stops after this many steps. */
const stepsMax = 2_000_000;

/**
 * Searches an order in which each operation takes effect between its invocation and completion, and all results agree
 * with the model. It is Wing and Gong's search with Lowe's cache of failed configurations (the operations that took
 * effect, and the state).
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
      // an operation has completed without taking effect: an earlier choice was wrong
      this.#remember();
      const undone = this.#undo();
      if (undone === undefined) return { isLinearizable: false, longest: this.#longest, stuck: this.#stuck };
      entry = undone.next;
    }
    return { isLinearizable: true };
  }

  /** Lets the operation take effect now, unless it cannot or the search has tried that before. */
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
   * Undoes the last change and all that follows it. Operations that changed nothing are no choice: any order without
   * them is also possible with them.
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

  /** Remembers, for the report, how far the search got and what did not fit. */
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
  // at the same time, invocations come first: that orders less
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

/** Links the entry that was unlinked last. */
function link<Operation>(entry: Entry<Operation>): void {
  entry.previous!.next = entry;
  if (entry.next !== undefined) entry.next.previous = entry;
}
