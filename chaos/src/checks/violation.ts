import { describe, type Operation } from '../history/operations.js';

/** A rule that the servers broke, with the evidence. */
export interface Violation {
  readonly what: string;
  /** The operations, log lines or states that prove the violation, one for each line of the report. */
  readonly evidence: readonly string[];
}

export function violation(what: string, ...operations: readonly (Operation | string | undefined)[]): Violation {
  const evidence = operations
    .filter((line) => line !== undefined)
    .map((line) => (typeof line === 'string' ? line : describe(line)));
  return { what, evidence };
}
