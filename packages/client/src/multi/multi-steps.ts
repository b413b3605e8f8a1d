import { errorName, type MultiOp, type MultiResult, OpCode } from '@nodekeeper/protocol';
import { ZooKeeperError } from '../errors.js';

/** A step of a transaction or of a multi-read. */
interface MultiStep {
  readonly op: string;
  readonly path: string;
  /** Returns the record to send. Throws for invalid arguments. */
  readonly encode: () => MultiOp;
  readonly read: (result: MultiResult) => unknown;
}

/** The server's reply to one step. */
export interface StepOutcome {
  readonly step: MultiStep;
  readonly result: MultiResult;
  /** The error in the reply, or undefined if the step succeeded. */
  readonly error: ZooKeeperError | undefined;
}

/** The steps of a transaction or of a multi-read, in the order in which they were added. */
export class MultiSteps {
  readonly #steps: MultiStep[] = [];

  /** Adds a step and returns `builder`. The type `Builder` includes the result type of this step. */
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
      if (step === undefined)
        throw new Error(`a reply has more results than the request has steps (${this.#steps.length})`);
      return { step, result, error: errorOfResult(result, step, chroot) };
    });
  }
}

function errorOfResult(result: MultiResult, { op, path }: MultiStep, chroot: string): ZooKeeperError | undefined {
  if (result.type !== OpCode.error) return undefined;
  const code = errorName(result.response.err) ?? 'SYSTEMERROR';
  return new ZooKeeperError({ code, outcome: 'rejected' }, op, path, chroot);
}
