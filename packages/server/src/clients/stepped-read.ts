import { ErrorCode, ProtocolError, Reader, Writer } from '@nodekeeper/protocol';
import type { SteppedReadOp } from '../ops/read-ops.js';
import type { Client, ReadState } from '../ops/read-state.js';
import type { RequestSpan } from '../roles/request-span.js';

/** A read that is computed in steps. The reply is sent after the last step. */
export class SteppedRead {
  readonly label: string;
  readonly request: RequestSpan;
  /** The body of the reply. */
  readonly out = new Writer(1024);
  /** The error code of the reply; undefined while steps remain. */
  err: number | undefined;
  readonly #steps: Generator<number, number, undefined>;

  /** @param request a copy with its own bytes, which stay valid until the last step */
  constructor(label: string, request: RequestSpan, operation: SteppedReadOp, state: ReadState, client: Client) {
    this.label = label;
    this.request = request;
    this.#steps = operation(state, client, new Reader(request.bytes, request.start, request.end), this.out);
  }

  /** Runs one step and returns its cost. */
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
