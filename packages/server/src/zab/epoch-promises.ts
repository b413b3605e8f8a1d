import type { ActiveConfig } from '../membership/index.js';

/*
 * Limits for the accepted epochs that servers report. No server proves its epoch on the quorum port. A leader cannot
 * take back an epoch that it has believed, and there are only two million epochs. An honest server is ahead by one for
 * each failed attempt to lead: a quorum promised, and no server of the quorum got the answer. Each attempt takes a
 * crash at that moment or a wait of initLimit, so a thousand in a row take hours.
 */

/** A leader believes a member at once if it is at most this far ahead. */
export const nearEpochs = 1024;
/**
 * A leader believes a voter that is at most this far ahead if there is no quorum without it. For example, a server
 * could promise nothing for days because its disk was full. If the other servers are a quorum, the leader ignores such
 * a voter.
 */
export const farEpochs = 2 ** 16;
/** A leader logs a warning from this epoch on: half of the epochs are used. */
export const epochOfWarning = 2 ** 20;

/**
 * The servers that have promised to follow no epoch before the leader's. The leader's epoch is one more than any that
 * they have accepted. Only promises of members count.
 */
export class EpochPromises {
  readonly #config: ActiveConfig;
  /** The highest epoch that this server has accepted, or knows from earlier terms. */
  readonly #own: number;
  #acceptedMax: number;
  readonly #promised = new Set<number>();
  /** Members that report a far later epoch, with that epoch. */
  readonly #farAhead = new Map<number, number>();
  /** Members that cannot follow because they have accepted an epoch after the chosen one, with that epoch. */
  readonly #acceptedLater = new Map<number, number>();
  #chosen: number | undefined;

  constructor(config: ActiveConfig, own: number) {
    this.#config = config;
    this.#own = own;
    this.#acceptedMax = own;
  }

  /** The epoch to lead with; undefined until a quorum has promised. It never changes afterwards. */
  get epoch(): number | undefined {
    if (this.#chosen === undefined && this.#config.isQuorum(this.#promised)) this.#chosen = this.#acceptedMax + 1;
    return this.#chosen;
  }

  /** Returns why the leader will never believe that a learner has accepted this epoch; undefined if it may. */
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

  /** There is no quorum without the members that are far ahead: they count from now on. */
  believeFar(): void {
    for (const [serverId, acceptedEpoch] of this.#farAhead) this.#believe(serverId, acceptedEpoch);
    this.#farAhead.clear();
  }

  #believe(serverId: number, acceptedEpoch: number): void {
    this.#acceptedMax = Math.max(this.#acceptedMax, acceptedEpoch);
    if (this.#config.isVoter(serverId)) this.#promised.add(serverId);
  }

  /** The later epoch that keeps this member from following; undefined if there is none. */
  acceptedLater(serverId: number): number | undefined {
    return this.#acceptedLater.get(serverId);
  }
}
