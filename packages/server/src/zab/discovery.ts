import { zxidHex } from '@nodekeeper/protocol';
import { EpochPromises, epochOfWarning } from './epoch-promises.js';
import { epochMax, epochsRunOut } from './epochs.js';
import type { ConnectedLearner } from './learner-master.js';
import type { TermContext } from './term-context.js';
import { beats, type Candidacy } from './vote.js';

/**
 * How a leader gets its epoch: a quorum promises to follow no earlier one, and acknowledges the epoch that the leader
 * chooses. After that, this class knows the servers that cannot follow because they have accepted a later epoch.
 */
export class Discovery {
  readonly #context: TermContext;
  readonly #promises: EpochPromises;
  readonly #acks = new Set<number>();
  readonly #startMs: number;
  /** 0 until the epoch is chosen. */
  epoch = 0;

  constructor(context: TermContext) {
    this.#context = context;
    const { config, epochs, epochElsewhere } = context;
    this.#promises = new EpochPromises(config, Math.max(epochs.accepted, epochElsewhere));
    this.#startMs = context.nowMs();
  }

  /** Returns why the leader does not believe that this server has accepted this epoch; undefined if it does. */
  refusalOf(serverId: number, acceptedEpoch: number): string | undefined {
    return this.#promises.refusalOf(serverId, acceptedEpoch);
  }

  promised(serverId: number, acceptedEpoch: number): void {
    this.#promises.promise(serverId, acceptedEpoch);
  }

  /** Called after half of initLimit without a quorum: voters that are far ahead count too. */
  believeFar(): void {
    this.#promises.believeFar();
  }

  /** Chooses the epoch if a quorum has promised. Returns the error if no epoch is left, and undefined otherwise. */
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

  /** The learner accepts the epoch. Returns why it still cannot follow; undefined if it can. */
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

  /** Returns why the leader must resign when a server looks for a leader with this vote; undefined if it need not. */
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
   * A member may have accepted a later epoch when it tried to lead and failed. It cannot follow during this term:
   * ZooKeeper leaves it outside. One more election solves this, because all servers then promise an epoch after both. A
   * voter whose history would win does not count. Its history comes from elsewhere, because otherwise a quorum would
   * have it.
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
