import type { ServerId } from './member.js';
import type { QuorumVerifier } from './quorum-verifier.js';

/**
 * Who acknowledged something that needs a quorum of the current configuration and, while another one is being agreed on,
 * of that one too (SyncedLearnerTracker).
 */
export class AckTracker {
  readonly #verifiers: readonly QuorumVerifier[];
  readonly #acks = new Set<ServerId>();

  /** @param verifiers one or two, that of the current configuration first. */
  constructor(verifiers: readonly QuorumVerifier[]) {
    this.#verifiers = verifiers;
  }

  get acks(): ReadonlySet<ServerId> {
    return this.#acks;
  }

  /** Counts an acknowledgement. @returns whether the server votes in any of the configurations. */
  addAck(id: ServerId): boolean {
    const votes = this.#verifiers.some(({ voters }) => voters.has(id));
    if (votes) this.#acks.add(id);
    return votes;
  }

  /** Whether the server votes in all of the configurations. */
  isVoterInAll(id: ServerId): boolean {
    return this.#verifiers.every(({ voters }) => voters.has(id));
  }

  hasAllQuorums(): boolean {
    return this.#verifiers.every((verifier) => verifier.containsQuorum(this.#acks));
  }
}
