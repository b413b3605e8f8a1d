import { isWrite, type Operation, type Seen } from '../history/operations.js';
import { type Violation, violation } from './violation.js';

/**
 * Checks that all servers have the same history. Reads of a node that return the same mzxid must agree, and a later
 * mzxid must have a later version. Every value that was read must be the value of some client's write.
 */
export function checkOneHistory(operations: readonly Operation[]): Violation[] {
  const violations: Violation[] = [];
  const states = new Map<number, Operation>();
  const writers = new Map<string, Operation>();
  for (const operation of operations) {
    if (operation.value !== undefined) writers.set(operation.value, operation);
  }
  for (const operation of operations) {
    const { seen, outcome } = operation;
    if (outcome !== 'ok' || seen == null) continue;
    const known = states.get(seen.mzxid);
    if (known === undefined) states.set(seen.mzxid, operation);
    else if (!isSame(known.seen!, seen)) {
      violations.push(violation(`${operation.key} had two states at one zxid`, known, operation));
    }
    violations.push(...checkOrigin(operation, seen, writers));
  }
  return [...violations, ...checkVersions(states)];
}

function isSame(one: Seen, other: Seen): boolean {
  return one.value === other.value && one.version === other.version && one.czxid === other.czxid;
}

function checkOrigin(operation: Operation, { value }: Seen, writers: ReadonlyMap<string, Operation>): Violation[] {
  if (value === undefined || isWrite(operation)) return [];
  const writer = writers.get(value);
  if (writer === undefined) return [violation(`${operation.key} held a value that no client wrote`, operation)];
  if (writer.outcome === 'ok' || writer.outcome === 'unknown') return [];
  return [violation(`${operation.key} held the value of a write that was not carried out`, writer, operation)];
}

/**
 * Checks that a later state of a node has a later version, unless the node was deleted and created again in between.
 */
function checkVersions(states: ReadonlyMap<number, Operation>): Violation[] {
  const ordered = [...states].sort(([one], [other]) => one - other).map(([, operation]) => operation);
  return ordered.slice(1).flatMap((operation, index) => {
    const before = ordered[index]!;
    if (before.seen!.czxid !== operation.seen!.czxid || before.seen!.version < operation.seen!.version) return [];
    return [violation(`${operation.key} has a later zxid with an earlier version`, before, operation)];
  });
}
