import type { ActiveConfig, Quorums } from '../membership/index.js';
import { AckProgress } from './ack-progress.js';

interface OutstandingProposal {
  readonly zxid: number;
  readonly bytes: Buffer;
  /** The quorums that decided when the proposal was made. One of these quorums must log the proposal. */
  readonly quorums: Quorums;
}

const none: readonly OutstandingProposal[] = [];

/**
 * The proposals of a leader's term that are not committed yet. Also records up to which zxid each server has logged
 * them.
 */
export class Proposals {
  readonly #config: ActiveConfig;
  readonly #progress = new AckProgress();
  readonly #outstanding: OutstandingProposal[] = [];

  constructor(config: ActiveConfig) {
    this.#config = config;
  }

  /** The outstanding proposals, in the order in which they were proposed. */
  get outstanding(): readonly OutstandingProposal[] {
    return this.#outstanding;
  }

  add(zxid: number, bytes: Buffer): void {
    this.#outstanding.push({ zxid, bytes, quorums: this.#config.quorums });
  }

  /**
   * True if acknowledgements of this server count. A server that a reconfiguration has removed still counts for the
   * proposals from before the reconfiguration.
   */
  isVoter(serverId: number): boolean {
    return this.#config.isVoter(serverId) || this.#outstanding[0]?.quorums.voters.has(serverId) === true;
  }

  /** Server `serverId` has logged all proposals up to this zxid. */
  acked(serverId: number, zxid: number): void {
    this.#progress.acked(serverId, zxid);
  }

  /** Removes the proposals that a quorum has logged, and returns them in order. These proposals are committed. */
  takeCommitted(): readonly OutstandingProposal[] {
    let count = 0;
    let counted: Quorums | undefined;
    let quorumZxid = -1;
    for (const { zxid, quorums } of this.#outstanding) {
      if (quorums !== counted) {
        counted = quorums;
        quorumZxid = this.#progress.quorumZxid(quorums);
      }
      if (zxid > quorumZxid) break;
      count++;
    }
    return count === 0 ? none : this.#outstanding.splice(0, count);
  }
}
