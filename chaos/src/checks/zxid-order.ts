import { isWrite, type Operation } from '../history/operations.js';
import { type Violation, violation } from './violation.js';

/**
 * Compares the zxids of reads and writes, and finds the sessions that missed a write. Writes whose reply has no zxid
 * are ignored.
 */
export class ZxidOrder {
  readonly #operations: readonly Operation[];
  /** The acknowledged writes of each node, ordered by zxid. */
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

  /**
   * Checks that a write has a later zxid than every write acknowledged before its invocation. Also checks that a read
   * after a sync sees every write acknowledged before the read's invocation.
   */
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
        violations.push(
          violation('A write does not have a later zxid than one acknowledged before', latest, operation),
        );
      }
      if (operation.kind === 'sync+read') {
        violations.push(...this.#checkMissed(operation, zxidOf(latest), 'A read after a sync missed a write'));
      }
    }
    return violations;
  }

  /**
   * Checks each session on its own. Its writes take effect in the order of the calls, and the session never reads an
   * older state than it has already seen.
   */
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
      return this.#checkMissed(
        operation,
        zxidOf(before.seen),
        'A session read an older state than it had seen before',
        before.seen,
      );
    }
    if (zxidOf(operation) > zxidOf(before.seen)) return [];
    return [violation('A write does not have a later zxid than its session had seen', before.seen, operation)];
  }

  /** Reports a violation if the read did not see the last write of its node with a zxid up to `zxid`. */
  #checkMissed(read: Operation, zxid: number, what: string, because?: Operation): Violation[] {
    // skip a missing node, because the read has no Stat to compare, and the reply to the delete had no zxid
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

/** The last write with a zxid up to `zxid`, by binary search. `writes` must be ordered by zxid. */
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
