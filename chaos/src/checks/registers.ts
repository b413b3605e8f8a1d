import type { Operation } from '../history/operations.js';
import { checkLinearizable } from './linearizability.js';
import { linearizablePart, registerModel } from './register-model.js';
import { type Violation, violation } from './violation.js';

const shownBefore = 12;
const shownStuck = 12;

interface RegisterVerdict {
  readonly violation: Violation | undefined;
  /** True if the search for an order reached its limit of steps without a result. */
  readonly isUndecided: boolean;
}

/** Checks that there is one order in which all writes and synced reads of the node can have taken effect. */
export function checkRegister(key: string, operations: readonly Operation[]): RegisterVerdict {
  const verdict = checkLinearizable(registerModel, linearizablePart(operations));
  if (verdict.isLinearizable !== false) {
    return { violation: undefined, isUndecided: verdict.isLinearizable === undefined };
  }
  const { longest, stuck } = verdict;
  const found = violation(
    `${key} is not linearizable: after an order of ${longest.length} operations, none of those that are due fits`,
    `... the end of the longest order (${longest.length} operations):`,
    ...longest.slice(-shownBefore),
    '... one of these must come next, but none fits:',
    ...stuck.slice(0, shownStuck),
    stuck.length > shownStuck ? `and ${stuck.length - shownStuck} more` : undefined,
  );
  return { violation: found, isUndecided: false };
}
