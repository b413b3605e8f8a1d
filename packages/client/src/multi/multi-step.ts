import type { MultiOp, MultiResult } from '@nodekeeper/protocol';

/** One part of a transaction or of a read of several nodes. */
export interface MultiStep {
  readonly op: string;
  readonly path: string;
  /** What is sent; throws for arguments that are wrong. */
  readonly encode: () => MultiOp;
  readonly read: (result: MultiResult) => unknown;
}

/** The part that a result answers. */
export function stepAt(steps: readonly MultiStep[], index: number): MultiStep {
  const step = steps[index];
  if (step === undefined) throw new Error(`a reply with more results than the ${steps.length} operations asked for`);
  return step;
}
