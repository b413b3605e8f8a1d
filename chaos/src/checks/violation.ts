import { describe, type Operation } from '../history/operations.js';

/** A broken rule. */
export interface Violation {
  readonly what: string;
  /** The evidence, one entry a line. */
  readonly evidence: readonly string[];
}

export function violation(what: string, ...operations: readonly (Operation | string | undefined)[]): Violation {
  const evidence = operations
    .filter((line) => line !== undefined)
    .map((line) => (typeof line === 'string' ? line : describe(line)));
  return { what, evidence };
}
