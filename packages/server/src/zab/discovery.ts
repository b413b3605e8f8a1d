import { zxidHex } from '@nodekeeper/protocol';
import { EpochPromises, epochOfWarning } from './epoch-promises.js';
import { epochMax, epochsRunOut } from './epochs.js';
import type { ConnectedLearner } from './learner-master.js';
import type { TermContext } from './term-context.js';
import { beats, type Candidacy } from './vote.js';

/**
 * How a leader's term gets its epoch: a quorum promises to follow no earlier one, and acknowledges the one that is chosen.
 * From then on, which servers cannot follow because they have accepted a later epoch.
 */
export class Discovery {
  readonly #context: TermContext;
  readonly #promises: EpochPromises;
  readonly #acks = new Set<number>();
  readonly #startMs: number;
  /** 0 until it is chosen. */
  epoch = 0;

  constructor(context: TermContext) {
    this.#context = context;
    const { config, epochs, epochElsewhere } = context;
    this.#promises = new EpochPromises(config, Math.max(epochs.accepted, epochElsewhere));
    this.#startMs = context.nowMs();
  }

  /** The reason not to believe that this server has accepted this epoch; undefined: there is none. */
  refusalOf(serverId: number, acceptedEpoch: number): string | undefined {
    return this.#promises.refusalOf(serverId, acceptedEpoch);
  }

  promised(serverId: number, acceptedEpoch: number): void {
    this.#promises.promise(serverId, acceptedEpoch);
  }

  /** After half of initLimit without a quorum: voters that are far ahead count too. */
  believeFar(): void {
    this.#promises.believeFar();
  }

  /** Chooses the epoch if a quorum has promised. Gives the reason why there can be none; undefined otherwise. */
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

  /** The learner accepts the epoch. Gives the reason why it cannot follow after all; undefined: it can. */
  acknowledged({ serverId, lastZxid }: ConnectedLearner, currentEpoch: number): string | undefined {
    const { config, epochs, replica } = this.#context;
    const isAhead = currentEpoch > epochs.current || (currentEpoch === epochs.current && lastZxid > replica.lastZxid);
    if (isAhead) {
      const theirs = `epoch ${currentEpoch}, ${zxidHex(lastZxid)}`;
      return `it is ahead of the leader: ${theirs} against epoch ${epochs.current}, ${zxidHex(replica.lastZxid)}`;
    }
    if (currentEpoch !== -1 && config.isVoter(serverId)) this.#acks.add(serverId);
    return undefined;
  }

  /** A quorum has acknowledged the epoch. */
  get isComplete(): boolean {
    return this.#context.config.isQuorum(this.#acks);
  }

  /** The reason to give up the term, now that a server looks for a leader with this vote; undefined: there is none. */
  reasonToResign(from: number, vote: Candidacy): string | undefined {
    return this.epoch === 0 ? this.#waitedTooLong(from) : this.#cannotFollow(from, vote);
  }

  #waitedTooLong(from: number): string | undefined {
    const { epochWaitMs, config, nowMs } = this.#context;
    const waitedMs = nowMs() - this.#startMs;
    if (epochWaitMs < 0 || waitedMs <= epochWaitMs || !config.isVoter(from)) return undefined;
    return `server ${from} looks for another leader, and ${waitedMs} ms are enough`;
  }

  /**
   * A member that has accepted a later epoch, in an attempt to lead that failed, could not follow for as long as this
   * term lasts: Apache leaves it outside. One election heals that, in which all promise an epoch after both. A voter with
   * a history that would win does not count: that history comes from elsewhere, or a quorum would have it.
   */
  #cannotFollow(from: number, vote: Candidacy): string | undefined {
    const { config, epochs, myId, replica } = this.#context;
    const accepted = this.#promises.acceptedLater(from);
    if (accepted === undefined || !config.isMember(from)) return undefined;
    const ours = { leader: myId, zxid: replica.lastZxid, peerEpoch: epochs.current };
    if (config.isVoter(from) && (vote.leader !== from || beats(vote, ours))) return undefined;
    this.#context.epochFoundElsewhere(accepted);
    return `server ${from} has accepted epoch ${accepted} and cannot follow in ${this.epoch}: all need a later one`;
  }
}
