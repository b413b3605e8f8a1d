import { errorName, type MultiOp, type MultiResult, OpCode } from '@nodekeeper/protocol';
import { ZooKeeperError } from '../errors.js';

/** One part of a transaction or of a read of several nodes. */
interface MultiStep {
  readonly op: string;
  readonly path: string;
  /** What is sent; throws for arguments that are wrong. */
  readonly encode: () => MultiOp;
  readonly read: (result: MultiResult) => unknown;
}

/** What the server answered to one step. */
export interface StepOutcome {
  readonly step: MultiStep;
  readonly result: MultiResult;
  /** The error that the reply has in the place of a result. */
  readonly error: ZooKeeperError | undefined;
}

/** The parts of a transaction or of a read of several nodes, in the order in which they were added. */
export class MultiSteps {
  readonly #steps: MultiStep[] = [];

  /** Gives back the builder: with each step the type of its results grows. */
  add<Builder>(builder: unknown, step: MultiStep): Builder {
    this.#steps.push(step);
    return builder as Builder;
  }

  encode(): MultiOp[] {
    return this.#steps.map((step) => step.encode());
  }

  outcomes(results: readonly MultiResult[], chroot: string): StepOutcome[] {
    return results.map((result, index) => {
      const step = this.#steps[index];
      if (step === undefined) throw new Error(`a reply has more results than the ${this.#steps.length} steps`);
      return { step, result, error: errorOfResult(result, step, chroot) };
    });
  }
}

function errorOfResult(result: MultiResult, { op, path }: MultiStep, chroot: string): ZooKeeperError | undefined {
  if (result.type !== OpCode.error) return undefined;
  const code = errorName(result.response.err) ?? 'SYSTEMERROR';
  return new ZooKeeperError({ code, outcome: 'rejected' }, op, path, chroot);
}
