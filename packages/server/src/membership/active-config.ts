import type { EnsembleConfig } from './ensemble-config.js';
import type { Member, ServerId } from './member.js';
import { JointQuorums, type Quorums } from './quorum-verifier.js';

/**
 * The configuration in use: the committed configuration and, during a reconfiguration, also the proposed one. The
 * configuration may change during a term, so read it again for each decision.
 */
export class ActiveConfig {
  #committed: EnsembleConfig;
  #proposed: EnsembleConfig | undefined;
  #quorums: Quorums;

  constructor(committed: EnsembleConfig) {
    this.#committed = committed;
    this.#quorums = committed.verifier;
  }

  get committed(): EnsembleConfig {
    return this.#committed;
  }

  /** The configuration that a reconfiguration has proposed. Undefined unless a reconfiguration is in progress. */
  get proposed(): EnsembleConfig | undefined {
    return this.#proposed;
  }

  /**
   * The quorums that decide at present: those of the committed configuration and, during a reconfiguration, also those
   * of the proposed one. The returned object never changes. A proposal therefore keeps the quorums under which it was
   * made, even if the configuration changes before the proposal is committed.
   */
  get quorums(): Quorums {
    return this.#quorums;
  }

  /**
   * A server of the committed or the proposed configuration. If both contain the server, the description is that of the
   * committed one.
   */
  member(id: ServerId): Member | undefined {
    return this.#committed.members.get(id) ?? this.#proposed?.members.get(id);
  }

  isMember(id: ServerId): boolean {
    return this.member(id) !== undefined;
  }

  /** Whether the server votes in the committed or the proposed configuration. */
  isVoter(id: ServerId): boolean {
    return this.#quorums.voters.has(id);
  }

  isQuorum(ids: ReadonlySet<ServerId>): boolean {
    return this.#quorums.containsQuorum(ids);
  }

  /**
   * Starts a reconfiguration. Only one reconfiguration runs at a time, and each has a higher version than the previous
   * one.
   */
  propose(config: EnsembleConfig): void {
    const before = this.#proposed ?? this.#committed;
    if (this.#proposed !== undefined || config.version <= before.version) {
      throw new Error(`configuration ${versionText(config)} is proposed after ${versionText(before)}`);
    }
    this.#proposed = config;
    this.#quorums = new JointQuorums(this.#committed.verifier, config.verifier);
  }

  /** Ends the reconfiguration: this configuration becomes the committed one. */
  commit(config: EnsembleConfig): void {
    this.#committed = config;
    this.#proposed = undefined;
    this.#quorums = config.verifier;
  }
}

function versionText({ version }: EnsembleConfig): string {
  return version.toString(16);
}
