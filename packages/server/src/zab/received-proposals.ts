import { ProtocolError, zxidHex } from '@nodekeeper/protocol';
import { follows } from './committed-log.js';

/**
 * The proposals that a learner receives. This class skips repeated proposals, detects missing ones, and acknowledges a
 * proposal when it is durable.
 */
export class ReceivedProposals {
  #lastZxid = 0;
  readonly #unacknowledged: number[] = [];
  #durableZxid = -1;

  /** Sets the zxid that the next proposal must directly follow. */
  startAfter(zxid: number): void {
    this.#lastZxid = zxid;
  }

  /**
   * Returns false for a repeated proposal, which the learner skips. Throws `ProtocolError` if a proposal between
   * the last one and this one is missing.
   */
  isNext(zxid: number): boolean {
    if (zxid <= this.#lastZxid) return false;
    if (!follows(this.#lastZxid, zxid)) {
      throw new ProtocolError(`proposal ${zxidHex(zxid)} came after ${zxidHex(this.#lastZxid)}: some are missing`);
    }
    return true;
  }

  /** Called when the proposal has been appended to the log, but may not be durable yet. */
  appended(zxid: number, isToAcknowledge: boolean): void {
    this.#lastZxid = zxid;
    if (isToAcknowledge) this.#unacknowledged.push(zxid);
  }

  /** All proposals up to this zxid are durable. */
  durable(zxid: number): void {
    this.#durableZxid = zxid;
  }

  /** Calls `send` for each durable proposal that is not acknowledged yet. */
  acknowledge(send: (zxid: number) => void): void {
    let count = 0;
    for (const zxid of this.#unacknowledged) {
      if (zxid > this.#durableZxid) break;
      send(zxid);
      count++;
    }
    if (count > 0) this.#unacknowledged.splice(0, count);
  }
}
