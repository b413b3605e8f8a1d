import type { EnsembleConfig } from './ensemble-config.js';
import type { Member, ServerId } from './member.js';
import { JointQuorums, type Quorums } from './quorum-verifier.js';

/**
 * The configuration in use: the committed one and, during a reconfiguration, also the proposed one. It changes during a
 * term, so read it again for each decision.
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

  /** Undefined unless a reconfiguration is in progress. */
  get proposed(): EnsembleConfig | undefined {
    return this.#proposed;
  }

  /**
   * The quorums that decide now: those of the committed configuration and, if there is one, of the proposed one. The
   * object never changes. A proposal keeps the quorums under which it was proposed, even if the configuration changes
   * before its commit.
   */
  get quorums(): Quorums {
    return this.#quorums;
  }

  /** A server of either configuration, as the committed one describes it if it has the server. */
  member(id: ServerId): Member | undefined {
    return this.#committed.members.get(id) ?? this.#proposed?.members.get(id);
  }

  isMember(id: ServerId): boolean {
    return this.member(id) !== undefined;
  }

  /** Whether the server votes in one of the configurations. */
  isVoter(id: ServerId): boolean {
    return this.#quorums.voters.has(id);
  }

  isQuorum(ids: ReadonlySet<ServerId>): boolean {
    return this.#quorums.containsQuorum(ids);
  }

  /** Starts a reconfiguration. Only one runs at a time, and each has a higher version. */
  propose(config: EnsembleConfig): void {
    const before = this.#proposed ?? this.#committed;
    if (this.#proposed !== undefined || config.version <= before.version) {
      throw new Error(`configuration ${versionText(config)} is proposed after ${versionText(before)}`);
    }
    this.#proposed = config;
    this.#quorums = new JointQuorums(this.#committed.verifier, config.verifier);
  }

  /** Puts this configuration in force. */
  commit(config: EnsembleConfig): void {
    this.#committed = config;
    this.#proposed = undefined;
    this.#quorums = config.verifier;
  }
}

function versionText({ version }: EnsembleConfig): string {
  return version.toString(16);
}
