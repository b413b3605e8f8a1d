import { isWrite, type Operation } from '../history/operations.js';
import { type Violation, violation } from './violation.js';

/** The writes of all nodes that were answered with a zxid, and reads: who may have missed what. */
export class ZxidOrder {
  readonly #operations: readonly Operation[];
  /** Of each node, the writes that were answered, by zxid. */
  readonly #writes = new Map<string, Operation[]>();

  constructor(operations: readonly Operation[]) {
    this.#operations = [...operations].sort((one, other) => one.number - other.number);
    for (const operation of operations) {
      if (operation.outcome !== 'ok' || !isWrite(operation) || operation.seen == null) continue;
      const ofKey = this.#writes.get(operation.key);
      if (ofKey === undefined) this.#writes.set(operation.key, [operation]);
      else ofKey.push(operation);
    }
    for (const ofKey of this.#writes.values()) ofKey.sort((one, other) => zxidOf(one) - zxidOf(other));
  }

  check(): Violation[] {
    return [...this.#checkRealTime(), ...this.#checkSessions()];
  }

  /** A write has a later zxid than all that were answered before it was made; a read after a sync has missed none. */
  #checkRealTime(): Violation[] {
    const violations: Violation[] = [];
    const completed = this.#operations
      .filter(isAnsweredWrite)
      .sort((one, other) => one.completedMs - other.completedMs);
    let index = 0;
    let latest: Operation | undefined;
    for (const operation of [...this.#operations].sort((one, other) => one.invokedMs - other.invokedMs)) {
      while (index < completed.length && completed[index]!.completedMs < operation.invokedMs) {
        const write = completed[index++]!;
        if (latest === undefined || zxidOf(write) > zxidOf(latest)) latest = write;
      }
      if (latest === undefined || operation.outcome !== 'ok') continue;
      if (isAnsweredWrite(operation) && zxidOf(operation) <= zxidOf(latest)) {
        violations.push(violation('A write has no later zxid than one that was answered before', latest, operation));
      }
      if (operation.kind === 'sync+read') {
        violations.push(...this.#checkMissed(operation, zxidOf(latest), 'A read after a sync missed a write'));
      }
    }
    return violations;
  }

  /** In a session, everything happens in the order in which it is asked for, and nothing that was seen is unseen. */
  #checkSessions(): Violation[] {
    const violations: Violation[] = [];
    const last = new Map<string, { seen: Operation; write: Operation | undefined }>();
    for (const operation of this.#operations) {
      const { session, seen, outcome } = operation;
      if (outcome !== 'ok' || seen === undefined) continue;
      const before = last.get(session);
      if (before !== undefined) violations.push(...this.#checkAfter(operation, before));
      if (seen === null) continue;
      const isLater = before === undefined || zxidOf(operation) > zxidOf(before.seen);
      last.set(session, {
        seen: isLater ? operation : before.seen,
        write: isWrite(operation) ? operation : before?.write,
      });
    }
    return violations;
  }

  #checkAfter(operation: Operation, before: { seen: Operation; write: Operation | undefined }): Violation[] {
    if (!isWrite(operation)) {
      return this.#checkMissed(operation, zxidOf(before.seen), 'A session had seen a later state', before.seen);
    }
    if (zxidOf(operation) > zxidOf(before.seen)) return [];
    return [violation('A write has no later zxid than what its session had seen', before.seen, operation)];
  }

  /** The read saw its node as it was before a write with a zxid up to this one. */
  #checkMissed(read: Operation, zxid: number, what: string, because?: Operation): Violation[] {
    // deletions are answered without a zxid, so of an absent node nothing is known here
    if (read.seen == null) return [];
    const missed = lastUpTo(this.#writes.get(read.key) ?? [], zxid);
    if (missed === undefined || zxidOf(missed) <= read.seen.mzxid) return [];
    return [violation(`${what} of ${read.key}`, because === missed ? undefined : because, missed, read)];
  }
}

function isAnsweredWrite(operation: Operation): boolean {
  return operation.outcome === 'ok' && isWrite(operation) && operation.seen != null;
}

function zxidOf({ seen }: Operation): number {
  return seen!.mzxid;
}

/** Binary search in writes by zxid. */
function lastUpTo(writes: readonly Operation[], zxid: number): Operation | undefined {
  let low = 0;
  let high = writes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (zxidOf(writes[middle]!) <= zxid) low = middle + 1;
    else high = middle;
  }
  return writes[low - 1];
}
