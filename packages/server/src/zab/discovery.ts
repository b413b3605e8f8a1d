import { zxidHex } from '@nodekeeper/protocol';
import { EpochPromises, epochOfWarning } from './epoch-promises.js';
import { epochMax, epochsRunOut } from './epochs.js';
import type { ConnectedLearner } from './learner-master.js';
import type { TermContext } from './term-context.js';
import { beats, type Candidacy } from './vote.js';

/**
 * The discovery phase, in which a leader gets its epoch. A quorum tells the leader which epochs its members have
 * accepted, and the leader chooses a later one. The quorum acknowledges the chosen epoch, and so promises to follow no
 * earlier leader. After the phase, this class remembers which members cannot follow, because they have accepted an
 * epoch later than the chosen one.
 */
export class Discovery {
  readonly #context: TermContext;
  readonly #promises: EpochPromises;
  readonly #acks = new Set<number>();
  readonly #startMs: number;
  /** The epoch that the leader has chosen; 0 until then. */
  epoch = 0;

  constructor(context: TermContext) {
    this.#context = context;
    const { config, epochs, epochElsewhere } = context;
    this.#promises = new EpochPromises(config, Math.max(epochs.accepted, epochElsewhere));
    this.#startMs = context.nowMs();
  }

  /**
   * Returns the reason why the leader does not believe that server `serverId` has accepted the epoch `acceptedEpoch`.
   * Returns undefined if the leader believes it.
   */
  refusalOf(serverId: number, acceptedEpoch: number): string | undefined {
    return this.#promises.refusalOf(serverId, acceptedEpoch);
  }

  promised(serverId: number, acceptedEpoch: number): void {
    this.#promises.promise(serverId, acceptedEpoch);
  }

  /**
   * Called when half of initLimit has passed and no quorum has promised. From now on, the promise of a voter counts
   * even if the voter has accepted an epoch far ahead of this leader's epoch.
   */
  believeFar(): void {
    this.#promises.believeFar();
  }

  /** Chooses the epoch if a quorum has promised. Returns the error if no epoch is left, and otherwise undefined. */
  chooseEpoch(): string | undefined {
    const { epoch } = this.#promises;
    if (epoch === undefined) return undefined;
    if (epoch > epochMax) return epochsRunOut(epoch);
    this.epoch = epoch;
    this.#context.epochs.accepted = epoch;
    this.#context.logger.info(`Leading with epoch ${epoch}`);
    if (epoch >= epochOfWarning) this.#context.logger.warn(epochsRunOut(epoch));
    this.#acks.add(this.#context.myId);
    return undefined;
  }

  /**
   * Handles a learner's acknowledgement of the epoch. Returns the reason why the learner cannot follow although it has
   * acknowledged the epoch; undefined if the learner can follow.
   */
  acknowledged({ serverId, lastZxid }: ConnectedLearner, currentEpoch: number): string | undefined {
    const { config, epochs, replica } = this.#context;
    const isAhead = currentEpoch > epochs.current || (currentEpoch === epochs.current && lastZxid > replica.lastZxid);
    if (isAhead) {
      const theirs = `epoch ${currentEpoch}, ${zxidHex(lastZxid)}`;
      return `it is ahead of the leader: it has ${theirs}, the leader has epoch ${epochs.current}, ${zxidHex(replica.lastZxid)}`;
    }
    if (currentEpoch !== -1 && config.isVoter(serverId)) this.#acks.add(serverId);
    return undefined;
  }

  /** True if a quorum has acknowledged the epoch. */
  get isComplete(): boolean {
    return this.#context.config.isQuorum(this.#acks);
  }

  /**
   * Called when server `from` looks for a leader and sends `vote`. Returns the reason why the leader must resign;
   * undefined if the leader can stay.
   */
  reasonToResign(from: number, vote: Candidacy): string | undefined {
    return this.epoch === 0 ? this.#waitedTooLong(from) : this.#cannotFollow(from, vote);
  }

  #waitedTooLong(from: number): string | undefined {
    const { epochWaitMs, config, nowMs } = this.#context;
    const waitedMs = nowMs() - this.#startMs;
    if (epochWaitMs < 0 || waitedMs <= epochWaitMs || !config.isVoter(from)) return undefined;
    return `server ${from} looks for another leader, and no quorum has promised an epoch in ${waitedMs} ms`;
  }

  /**
   * Returns the reason to resign if member `from` cannot follow because it has accepted an epoch later than this
   * leader's. This happens if the member has tried to lead and failed. If the leader resigns, the next epoch is later
   * than both epochs, so the member can follow. ZooKeeper's leader stays, so the member cannot follow during the whole
   * term. The leader does not resign for a voter whose history is better than its own. Such a history comes from
   * another ensemble.
   */
  #cannotFollow(from: number, vote: Candidacy): string | undefined {
    const { config, epochs, myId, replica } = this.#context;
    const accepted = this.#promises.acceptedLater(from);
    if (accepted === undefined || !config.isMember(from)) return undefined;
    const ours = { leader: myId, zxid: replica.lastZxid, peerEpoch: epochs.current };
    if (config.isVoter(from) && (vote.leader !== from || beats(vote, ours))) return undefined;
    this.#context.epochFoundElsewhere(accepted);
    return `server ${from} has accepted epoch ${accepted} and cannot follow in epoch ${this.epoch}: the ensemble needs a later epoch`;
  }
}
