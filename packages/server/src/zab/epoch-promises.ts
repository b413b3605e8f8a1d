import type { ActiveConfig } from '../membership/index.js';

/*
 * Limits for the accepted epochs that servers report. Any program can report an epoch on the quorum port without proof.
 * A leader cannot take back an epoch that it has believed, and only two million epochs exist. A correct server gets
 * ahead of the others by one epoch for each failed attempt to lead. In such an attempt, a quorum promises, but no
 * server of the quorum receives the answer. Each such attempt takes a crash at that moment or a wait of initLimit.
 * Therefore a thousand attempts in a row take hours.
 */

/**
 * If a member reports an accepted epoch that is at most this far ahead of the leader's accepted epoch, the leader
 * believes it at once.
 */
export const nearEpochs = 1024;
/**
 * The same limit for voters, if there is no quorum without them. A correct voter can be this far ahead, for example if
 * the leader's disk was full for days and the leader accepted no epoch.
 */
export const farEpochs = 2 ** 16;
/** From this epoch on, a leader logs a warning, because half of the epochs are used. */
export const epochOfWarning = 2 ** 20;

/**
 * The servers that have promised to follow no leader of an earlier epoch. This leader's epoch is one more than the
 * highest epoch that any of them has accepted. Only promises of members count.
 */
export class EpochPromises {
  readonly #config: ActiveConfig;
  /** The highest epoch that this server has accepted or has learned of in an earlier term. */
  readonly #own: number;
  #acceptedMax: number;
  readonly #promised = new Set<number>();
  /** Members whose accepted epoch is more than `nearEpochs` ahead of `#own`, with their accepted epoch. */
  readonly #farAhead = new Map<number, number>();
  /**
   * Members that cannot follow this leader, because they have accepted an epoch after the one that the leader has
   * chosen. The value is the epoch that the member has accepted.
   */
  readonly #acceptedLater = new Map<number, number>();
  #chosen: number | undefined;

  constructor(config: ActiveConfig, own: number) {
    this.#config = config;
    this.#own = own;
    this.#acceptedMax = own;
  }

  /** The epoch of this leader; undefined until a quorum has promised. Once chosen, the epoch never changes. */
  get epoch(): number | undefined {
    if (this.#chosen === undefined && this.#config.isQuorum(this.#promised)) this.#chosen = this.#acceptedMax + 1;
    return this.#chosen;
  }

  /**
   * Returns the reason why the leader will never believe that server `serverId` has accepted the epoch `acceptedEpoch`.
   * Returns undefined if the leader may believe it.
   */
  refusalOf(serverId: number, acceptedEpoch: number): string | undefined {
    const own = this.#chosen ?? this.#own;
    const aheadMax = this.#chosen === undefined && this.#config.isVoter(serverId) ? farEpochs : nearEpochs;
    if (!this.#config.isMember(serverId) || acceptedEpoch <= own + aheadMax) return undefined;
    return (
      `it has accepted epoch ${acceptedEpoch}, too far ahead of ${own} to be believed. If it is really a member, and the ` +
      'other servers serve, empty its data directory except for myid'
    );
  }

  promise(serverId: number, acceptedEpoch: number): void {
    if (!this.#config.isMember(serverId)) return;
    if (this.#chosen === undefined && acceptedEpoch > this.#own + nearEpochs)
      this.#farAhead.set(serverId, acceptedEpoch);
    else if (this.#chosen === undefined) this.#believe(serverId, acceptedEpoch);
    else if (acceptedEpoch > this.#chosen) this.#acceptedLater.set(serverId, acceptedEpoch);
  }

  /** Called if there is no quorum without the members in `#farAhead`. From now on, their promises count. */
  believeFar(): void {
    for (const [serverId, acceptedEpoch] of this.#farAhead) this.#believe(serverId, acceptedEpoch);
    this.#farAhead.clear();
  }

  #believe(serverId: number, acceptedEpoch: number): void {
    this.#acceptedMax = Math.max(this.#acceptedMax, acceptedEpoch);
    if (this.#config.isVoter(serverId)) this.#promised.add(serverId);
  }

  /**
   * Returns the epoch that the given member has accepted if it is later than the chosen one, otherwise undefined. A
   * member with a later epoch cannot follow this leader.
   */
  acceptedLater(serverId: number): number | undefined {
    return this.#acceptedLater.get(serverId);
  }
}
