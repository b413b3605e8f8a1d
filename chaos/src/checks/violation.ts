import { describe, type Operation } from '../history/operations.js';

/** Something that must not be. */
export interface Violation {
  readonly what: string;
  /** What shows it, line by line. */
  readonly evidence: readonly string[];
}

export function violation(what: string, ...operations: readonly (Operation | string | undefined)[]): Violation {
  const evidence = operations
    .filter((line) => line !== undefined)
    .map((line) => (typeof line === 'string' ? line : describe(line)));
  return { what, evidence };
}
