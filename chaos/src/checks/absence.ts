import type { Operation } from '../history/operations.js';
import { type Violation, violation } from './violation.js';

/**
 * Checks that a session that has read a node finds it in every later read, unless a client deleted the node in between.
 * Reads without a sync are checked too.
 */
export function checkAbsence(operations: readonly Operation[]): Violation[] {
  const deletions = operations.filter(
    ({ kind, outcome }) => kind === 'delete' && (outcome === 'ok' || outcome === 'unknown'),
  );
  const lastSeen = new Map<string, Operation>();
  const violations: Violation[] = [];
  for (const operation of [...operations].sort((one, other) => one.number - other.number)) {
    const { session, seen, outcome, completedMs, key } = operation;
    if (outcome !== 'ok' || seen === undefined) continue;
    if (seen !== null) {
      lastSeen.set(session, operation);
      continue;
    }
    const before = lastSeen.get(session);
    if (before === undefined) continue;
    const isExplained = deletions.some(
      (deletion) => deletion.invokedMs <= completedMs && deletion.completedMs >= before.invokedMs,
    );
    if (!isExplained) violations.push(violation(`${key} was missing, but no client had deleted it`, before, operation));
  }
  return violations;
}
