import { ErrorCode, ProtocolError, Reader, Writer } from '@nodekeeper/protocol';
import type { SteppedReadOp } from '../ops/read-ops.js';
import type { Client, ReadState } from '../ops/read-state.js';

interface SteppedRequest {
  readonly label: string;
  readonly xid: number;
  readonly receivedMs: number;
}

/** A read on its way, a step at a time: its answer is sent when all of it is there. */
export class SteppedRead {
  readonly request: SteppedRequest;
  /** The answer's body. */
  readonly out = new Writer(1024);
  /** The code of the answer; undefined while there are steps left. */
  err: number | undefined;
  readonly #steps: Generator<number, number, undefined>;

  /** @param body of the request; it must not change */
  constructor(request: SteppedRequest, operation: SteppedReadOp, state: ReadState, client: Client, body: Buffer) {
    this.request = request;
    this.#steps = operation(state, client, new Reader(body), this.out);
  }

  /** Gives what the step cost. */
  step(): number {
    try {
      const { done, value } = this.#steps.next();
      if (done === true) this.err = value;
      return done === true ? 0 : value;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.err = ErrorCode.MARSHALLINGERROR;
      return 0;
    }
  }
}
