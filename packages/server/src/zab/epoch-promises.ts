import type { ActiveConfig } from '../membership/index.js';

/*
 * How far the epochs that servers say to have accepted may lie apart. Nobody proves what he says on the quorum port, an
 * epoch that was believed never goes back, and there are two million of them. A server is honestly ahead of the others by
 * one for each time that it led in vain: it had the promises of a quorum, and none of that quorum ever heard its answer. That
 * takes a crash at that moment or a wait of initLimit each time, so a thousand in a row are hours of it.
 */

/** A member that is no farther ahead of the leader is believed at once. */
export const nearEpochs = 1024;
/**
 * A voter that is no farther ahead is believed where there is no quorum without it. For example, the disk of a server was
 * full for days, and it could promise nothing. Where the others are a quorum such a voter is left out.
 */
export const farEpochs = 2 ** 16;
/** From here on a leader warns: half of the epochs are used up. */
export const epochOfWarning = 2 ** 20;

/**
 * Who has promised a leader to follow no earlier epoch than its own, which is one more than any that they have accepted.
 * Only members have a say in that.
 */
export class EpochPromises {
  readonly #config: ActiveConfig;
  /** What this server has accepted, or knows of from earlier terms. */
  readonly #own: number;
  #acceptedMax: number;
  readonly #promised = new Set<number>();
  /** Voters that say that they are far ahead: how far. */
  readonly #far = new Map<number, number>();
  /** Members that cannot follow, having accepted a later epoch than the one that was chosen: which. */
  readonly #later = new Map<number, number>();
  #chosen: number | undefined;

  constructor(config: ActiveConfig, own: number) {
    this.#config = config;
    this.#own = own;
    this.#acceptedMax = own;
  }

  /** The epoch to lead with, once a quorum has promised; it does not change any more. */
  get epoch(): number | undefined {
    if (this.#chosen === undefined && this.#config.isQuorum(this.#promised)) this.#chosen = this.#acceptedMax + 1;
    return this.#chosen;
  }

  /** Why a learner that says to have accepted this epoch is not believed, nor will be; undefined where it may be. */
  refusalOf(serverId: number, acceptedEpoch: number): string | undefined {
    const own = this.#chosen ?? this.#own;
    const aheadMax = this.#chosen === undefined && this.#config.isVoter(serverId) ? farEpochs : nearEpochs;
    if (!this.#config.isMember(serverId) || acceptedEpoch <= own + aheadMax) return undefined;
    return (
      `it has accepted epoch ${acceptedEpoch}, too far ahead of ${own} to be believed. If it is a member indeed, and the ` +
      'others serve, empty its data directory but for myid'
    );
  }

  promise(serverId: number, acceptedEpoch: number): void {
    if (!this.#config.isMember(serverId)) return;
    if (this.#chosen === undefined && acceptedEpoch > this.#own + nearEpochs) this.#far.set(serverId, acceptedEpoch);
    else if (this.#chosen === undefined) this.#believe(serverId, acceptedEpoch);
    else if (acceptedEpoch > this.#chosen) this.#later.set(serverId, acceptedEpoch);
  }

  /** There is no quorum without the voters that are far ahead: they count from now on. */
  believeFar(): void {
    for (const [serverId, acceptedEpoch] of this.#far) this.#believe(serverId, acceptedEpoch);
    this.#far.clear();
  }

  #believe(serverId: number, acceptedEpoch: number): void {
    this.#acceptedMax = Math.max(this.#acceptedMax, acceptedEpoch);
    if (this.#config.isVoter(serverId)) this.#promised.add(serverId);
  }

  /** The later epoch that keeps this member from following. */
  acceptedLater(serverId: number): number | undefined {
    return this.#later.get(serverId);
  }
}
