import type { EnsembleConfig } from './ensemble-config.js';
import type { Member, ServerId } from './member.js';
import { JointQuorums, type Quorums } from './quorum-verifier.js';

/**
 * The configuration that a server acts by: the committed one and, while a reconfiguration is under way, the proposed one
 * as well. It changes during a term, so it is read anew for each decision.
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

  /** Undefined unless a reconfiguration is under way. */
  get proposed(): EnsembleConfig | undefined {
    return this.#proposed;
  }

  /**
   * The quorums that decide now: those of the committed configuration and, if there is one, of the proposed one too. The
   * object never changes: what is proposed under it keeps it, whatever configuration comes into force meanwhile.
   */
  get quorums(): Quorums {
    return this.#quorums;
  }

  /** A server of one of the configurations, as the committed one describes it if it does. */
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

  /** A reconfiguration begins. There is one at a time, and each has a later version. */
  propose(config: EnsembleConfig): void {
    const before = this.#proposed ?? this.#committed;
    if (this.#proposed !== undefined || config.version <= before.version) {
      throw new Error(`configuration ${versionText(config)} is proposed after ${versionText(before)}`);
    }
    this.#proposed = config;
    this.#quorums = new JointQuorums(this.#committed.verifier, config.verifier);
  }

  /** This configuration is in force from now on. */
  commit(config: EnsembleConfig): void {
    this.#committed = config;
    this.#proposed = undefined;
    this.#quorums = config.verifier;
  }
}

function versionText({ version }: EnsembleConfig): string {
  return version.toString(16);
}
