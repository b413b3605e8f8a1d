import { type Id, makeZxid, OpCode, zxidCounter, zxidHex } from '@nodekeeper/protocol';
import type { Transport, TransportHandler } from '../ports/network.js';
import { AckProgress } from './ack-progress.js';
import { EpochPromises, epochOfWarning } from './epoch-promises.js';
import { epochMax, epochsRunOut } from './epochs.js';
import { LearnerHandler } from './learner-handler.js';
import type { ConnectedLearner, LearnerMaster } from './learner-master.js';
import { encodePacket, type ForwardedRequest, type LearnerInfo, PacketType, type SessionTouch } from './packets.js';
import type { LeaderGate, LeaderReport, Replica } from './replica.js';
import { SyncPolicy } from './sync-policy.js';
import { SyncQueue } from './sync-queue.js';
import type { TermContext } from './term-context.js';
import { beats, type Candidacy } from './vote.js';

type Phase = 'discovery' | 'synchronisation' | 'broadcast' | 'over';

/**
 * So near to the last zxid of an epoch a new one is begun (inventory 4.7.6, L-9). All that is still proposed in the same
 * turn takes zxids behind it, and must not get to those of the next epoch: sessions can end by the hundred thousand at once.
 */
const counterMax = 0xff00_0000;

/**
 * A term as leader: discovery (a quorum promises to follow no earlier epoch), synchronisation (a quorum has this server's
 * history), broadcast (proposals, acknowledgements, commits). See docs/internals/zab.md.
 */
export class Leader implements LeaderGate, LearnerMaster {
  readonly context: TermContext;
  readonly syncPolicy: SyncPolicy;
  phase: Phase = 'discovery';
  epoch = 0;
  readonly #learners = new Set<ConnectedLearner>();
  readonly #promises: EpochPromises;
  readonly #epochAcks = new Set<number>();
  readonly #newLeaderAcks = new Set<number>();
  readonly #progress: AckProgress;
  readonly #outstanding: { readonly zxid: number; readonly bytes: Buffer }[] = [];
  readonly #syncs: SyncQueue;
  #lastProposed = 0;
  #lastCommitted = 0;
  readonly #initLimitMs: number;
  readonly #syncLimitMs: number;
  readonly #startMs: number;
  #deadlineMs: number;
  #halfTickMs = 0;
  #halfTicks = 0;
  #isPingDue = false;

  constructor(context: TermContext) {
    this.context = context;
    this.#promises = new EpochPromises(context.config, Math.max(context.epochs.accepted, context.epochElsewhere));
    this.syncPolicy = new SyncPolicy(context.sync, context.replica);
    this.#progress = new AckProgress();
    this.#syncs = new SyncQueue((round) => this.#isConfirmed(round));
    this.#initLimitMs = context.initLimit * context.tickTimeMs;
    this.#syncLimitMs = context.syncLimit * context.tickTimeMs;
    this.#startMs = context.nowMs();
    this.#deadlineMs = this.#startMs + this.#initLimitMs;
  }

  get replica(): Replica {
    return this.context.replica;
  }

  get configText(): string {
    return this.context.config.committed.text;
  }

  /** The zxid that the epoch begins with. */
  get epochZxid(): number {
    return makeZxid(this.epoch, 0);
  }

  get proposedMax(): number {
    return Math.max(this.#lastProposed, this.epochZxid);
  }

  nowMs(): number {
    return this.context.nowMs();
  }

  nextTurn(work: () => void): void {
    this.context.nextTurn(work);
  }

  start(): void {
    this.#promises.promise(this.context.myId, this.context.epochs.accepted);
    this.replica.event(() => this.#chooseEpoch());
  }

  readonly accept = (transport: Transport): TransportHandler | undefined => {
    if (this.phase === 'over') return undefined;
    const handler = new LearnerHandler(this, transport, this.context.logger, this.nowMs());
    this.#learners.add(handler);
    return handler;
  };

  // ---- discovery

  /** Why a learner cannot be one of ours; undefined if it can. */
  refusalOf(info: LearnerInfo, acceptedEpoch: number): string | undefined {
    const { myId, config } = this.context;
    const configVersion = config.committed.version;
    if (acceptedEpoch >= epochMax) return `it has accepted epoch ${acceptedEpoch}, and there is none after ${epochMax}`;
    if (info.serverId === myId) return `a learner has this server's id, ${myId}: every server needs a myid of its own`;
    if (info.configVersion > configVersion) {
      return `its configuration is version ${info.configVersion.toString(16)}, ahead of ours, ${configVersion.toString(16)}`;
    }
    for (const { serverId, lastHeardMs } of this.#learners) {
      if (serverId !== info.serverId || this.nowMs() - lastHeardMs > this.context.tickTimeMs) continue;
      return `another server with the id ${serverId} is in touch: every server needs a myid of its own`;
    }
    return this.#promises.refusalOf(info.serverId, acceptedEpoch);
  }

  registered(handler: ConnectedLearner, acceptedEpoch: number): void {
    for (const other of this.#learners) {
      if (other !== handler && other.serverId === handler.serverId) other.close('it connected anew');
    }
    this.#promises.promise(handler.serverId, acceptedEpoch);
    // who has promised to follow no earlier epoch than a later one will hang up
    if (this.epoch > 0) handler.offerEpoch(this.epoch);
    else this.#chooseEpoch();
  }

  /**
   * A member that has accepted a later epoch, in an attempt to lead that came to nothing, could not follow for as long as
   * this term lasts: Apache leaves it outside. One election heals that, in which all promise an epoch after both. Not
   * for a voter with a history that would win: it comes from elsewhere, or a quorum would have it.
   */
  lookingSeen(from: number, vote: Candidacy): void {
    const { epochWaitMs, config } = this.context;
    if (this.phase === 'discovery' && this.epoch === 0 && epochWaitMs >= 0 && config.isVoter(from)) {
      const waitedMs = this.nowMs() - this.#startMs;
      if (waitedMs > epochWaitMs) this.resign(`server ${from} looks for another leader, and ${waitedMs} ms are enough`);
      return;
    }
    const accepted = this.#promises.acceptedLater(from);
    if (accepted === undefined || this.phase === 'over' || !config.isMember(from)) return;
    const ours = { leader: this.context.myId, zxid: this.replica.lastZxid, peerEpoch: this.context.epochs.current };
    if (config.isVoter(from) && (vote.leader !== from || beats(vote, ours))) return;
    this.context.epochFoundElsewhere(accepted);
    this.resign(
      `server ${from} has accepted epoch ${accepted} and cannot follow in ${this.epoch}: all need a later one`,
    );
  }

  #chooseEpoch(): void {
    const { epoch } = this.#promises;
    if (epoch === undefined) return;
    if (epoch > epochMax) {
      this.resign(epochsRunOut(epoch));
      return;
    }
    this.epoch = epoch;
    this.context.epochs.accepted = epoch;
    this.context.logger.info(`Leading with epoch ${epoch}`);
    if (epoch >= epochOfWarning) this.context.logger.warn(epochsRunOut(epoch));
    for (const handler of this.#learners) if (handler.stage === 'registered') handler.offerEpoch(this.epoch);
    this.#epochAcks.add(this.context.myId);
    this.#checkEpochAcks();
  }

  /** `currentEpoch` is -1 from a learner that had accepted this epoch before. */
  epochAcknowledged(handler: ConnectedLearner, currentEpoch: number): void {
    if (this.phase !== 'discovery') {
      handler.synchronise();
      return;
    }
    const { epochs } = this.context;
    const isAhead =
      currentEpoch > epochs.current || (currentEpoch === epochs.current && handler.lastZxid > this.replica.lastZxid);
    if (isAhead) {
      const theirs = `epoch ${currentEpoch}, ${zxidHex(handler.lastZxid)}`;
      handler.close(
        `it is ahead of the leader: ${theirs} against epoch ${epochs.current}, ${zxidHex(this.replica.lastZxid)}`,
      );
      return;
    }
    if (currentEpoch !== -1 && this.context.config.isVoter(handler.serverId)) this.#epochAcks.add(handler.serverId);
    this.#checkEpochAcks();
  }

  #checkEpochAcks(): void {
    if (this.phase !== 'discovery' || !this.context.config.isQuorum(this.#epochAcks)) return;
    this.context.epochs.current = this.epoch;
    this.phase = 'synchronisation';
    this.#deadlineMs = this.nowMs() + this.#initLimitMs;
    this.#newLeaderAcks.add(this.context.myId);
    for (const handler of this.#learners) if (handler.stage === 'acknowledged') handler.synchronise();
    this.#checkNewLeaderAcks();
  }

  // ---- synchronisation

  /** From the moment its sync was computed a learner gets everything, so that nothing lies in between. */
  startForwarding(handler: ConnectedLearner): void {
    if (!handler.isObserver) {
      const nowMs = this.nowMs();
      for (const { zxid, bytes } of this.#outstanding) {
        handler.propose(zxid, encodePacket(PacketType.proposal, zxid, bytes), nowMs);
      }
    }
    handler.isForwardedTo = true;
  }

  /** The learner has this server's history, durably. */
  synced(handler: ConnectedLearner): void {
    if (this.phase === 'broadcast') {
      handler.upToDate();
      this.acked(handler, this.epochZxid);
      return;
    }
    if (this.context.config.isVoter(handler.serverId)) this.#newLeaderAcks.add(handler.serverId);
    this.#checkNewLeaderAcks();
  }

  #checkNewLeaderAcks(): void {
    if (this.phase !== 'synchronisation' || !this.context.config.isQuorum(this.#newLeaderAcks)) return;
    this.phase = 'broadcast';
    this.#lastProposed = this.epochZxid;
    this.#lastCommitted = this.epochZxid;
    this.#halfTickMs = this.nowMs();
    this.context.established(this.epoch);
    this.replica.lead(this.epoch, this);
    const synced = [...this.#newLeaderAcks].filter((serverId) => serverId !== this.context.myId).sort((a, b) => a - b);
    const followers = synced.length === 0 ? 'alone' : `with server${synced.length > 1 ? 's' : ''} ${synced.join(', ')}`;
    this.context.logger.info(`Serving as the leader of epoch ${this.epoch}, ${followers}`);
    for (const handler of this.#learners) if (handler.stage === 'synced') handler.upToDate();
  }

  // ---- broadcast

  proposed(zxid: number, bytes: Buffer): void {
    this.#lastProposed = zxid;
    this.#outstanding.push({ zxid, bytes });
    const packet = encodePacket(PacketType.proposal, zxid, bytes);
    const nowMs = this.nowMs();
    for (const handler of this.#learners) {
      if (handler.isForwardedTo && !handler.isObserver) handler.propose(zxid, packet, nowMs);
    }
    if (zxidCounter(zxid) === counterMax) this.nextTurn(() => this.resign('the zxids of this epoch are used up'));
  }

  logged(zxid: number): void {
    this.#progress.acked(this.context.myId, zxid);
    this.replica.meter.acked(this.context.myId, zxid);
    this.#commit();
  }

  acked(handler: ConnectedLearner, zxid: number): void {
    if (handler.isObserver || !this.context.config.isVoter(handler.serverId)) return;
    this.#progress.acked(handler.serverId, zxid);
    this.replica.meter.acked(handler.serverId, zxid);
    this.#commit();
  }

  /** Commits what a quorum has, in order. */
  #commit(): void {
    const quorumZxid = this.#progress.quorumZxid(this.context.config.quorums);
    if (this.phase !== 'broadcast' || quorumZxid <= this.#lastCommitted) return;
    let count = 0;
    while (count < this.#outstanding.length && this.#outstanding[count].zxid <= quorumZxid) count++;
    if (count === 0) return;
    const committed = this.#outstanding.splice(0, count);
    for (const { zxid, bytes } of committed) {
      if (this.#syncs.isWaitingBefore(zxid)) {
        this.replica.commitThrough(this.#lastCommitted);
        this.#syncs.answerBefore(zxid);
      }
      this.#tellCommit(zxid, bytes);
      this.#lastCommitted = zxid;
    }
    this.replica.commitThrough(this.#lastCommitted);
    this.#syncs.committed(this.#lastCommitted);
  }

  #tellCommit(zxid: number, bytes: Buffer): void {
    this.replica.history.add(zxid, bytes);
    let inform: Buffer | undefined;
    const commit = encodePacket(PacketType.commit, zxid);
    for (const handler of this.#learners) {
      if (!handler.isForwardedTo) continue;
      if (handler.isObserver) handler.send((inform ??= encodePacket(PacketType.inform, zxid, bytes)));
      else handler.send(commit);
    }
  }

  requested(handler: ConnectedLearner, request: ForwardedRequest, ids: readonly Id[]): void {
    if (this.phase !== 'broadcast') return;
    if (request.type === OpCode.sync) this.sync(() => handler.send(encodePacket(PacketType.sync, 0)));
    else this.replica.request(handler, request, ids);
  }

  revalidate(touch: SessionTouch, handler: ConnectedLearner): boolean {
    return this.phase === 'broadcast' && this.replica.revalidate(touch, handler);
  }

  ponged(touches: readonly SessionTouch[]): void {
    for (const touch of touches) this.replica.touch(touch);
    this.#syncs.confirmed();
  }

  /** After all that is proposed, and once a quorum has said that this server still leads (C-1 ZK-2136, ZK-3600). */
  sync(done: () => void): void {
    this.#syncs.add(this.#lastProposed, this.#lastCommitted, done);
    if (this.#isPingDue || !this.#syncs.isWaiting) return;
    this.#isPingDue = true;
    this.nextTurn(() => {
      this.#isPingDue = false;
      this.replica.event(() => this.#ping());
    });
  }

  #ping(): void {
    const round = this.#syncs.nextRound();
    // others would not answer yet
    for (const handler of this.#learners) if (handler.stage === 'serving') handler.ping(round, this.#lastProposed);
    this.#syncs.confirmed();
  }

  #isConfirmed(round: number): boolean {
    const confirming = new Set([this.context.myId]);
    for (const handler of this.#learners) {
      if (!handler.isObserver && handler.stage === 'serving' && handler.answeredRound >= round) {
        if (this.context.config.isVoter(handler.serverId)) confirming.add(handler.serverId);
      }
    }
    return this.context.config.isQuorum(confirming);
  }

  // ---- time, and the end

  tick(nowMs: number): void {
    if (this.phase === 'over') return;
    if (this.phase !== 'broadcast' && nowMs >= this.#deadlineMs) {
      this.resign(`no quorum of learners in ${this.#initLimitMs} ms (initLimit), in the phase of ${this.phase}`);
      return;
    }
    if (this.epoch === 0 && nowMs >= this.#startMs + this.#initLimitMs / 2) {
      this.#promises.believeFar();
      this.replica.event(() => this.#chooseEpoch());
    }
    for (const handler of [...this.#learners]) this.#watch(handler, nowMs);
    if (this.phase === 'broadcast' && nowMs >= this.#halfTickMs + this.context.tickTimeMs / 2) this.#halfTick(nowMs);
  }

  #watch(handler: ConnectedLearner, nowMs: number): void {
    const limitMs = handler.stage === 'serving' ? this.#syncLimitMs : this.#initLimitMs;
    const { stage, lastHeardMs, owed } = handler;
    if (nowMs - lastHeardMs > limitMs) handler.close(`nothing was heard of it for ${limitMs} ms`);
    else if (stage === 'serving' && nowMs - owed.sinceMs > limitMs) {
      handler.close(
        `it has not acknowledged ${zxidHex(owed.zxid!)} for ${limitMs} ms (syncLimit): its disk may hang, or be too slow`,
      );
    }
  }

  #halfTick(nowMs: number): void {
    this.#halfTickMs = nowMs;
    this.replica.event(() => this.#ping());
    if (++this.#halfTicks % 2 === 1) return;
    const synced = new Set([this.context.myId]);
    for (const handler of this.#learners) {
      if (handler.stage === 'serving' && this.context.config.isVoter(handler.serverId)) synced.add(handler.serverId);
    }
    if (!this.context.config.isQuorum(synced)) {
      this.resign(`only servers ${[...synced].sort((a, b) => a - b).join(', ')} are in touch, which is no quorum`);
    }
  }

  learnerGone(handler: ConnectedLearner): void {
    // what it promised and acknowledged stays true
    this.#learners.delete(handler);
  }

  resign(reason: string): void {
    if (this.phase === 'over') return;
    this.end();
    this.context.lost(reason);
  }

  end(): void {
    this.phase = 'over';
    for (const handler of [...this.#learners]) handler.close('this server does not lead any more');
  }

  report(): LeaderReport {
    const forwardedTo = [...this.#learners].filter(({ isForwardedTo }) => isForwardedTo);
    const followers = forwardedTo.filter(({ isObserver }) => !isObserver);
    return {
      learners: this.#learners.size,
      syncedFollowers: followers.length,
      syncedNonVotingFollowers: followers.filter(({ serverId }) => !this.context.config.isVoter(serverId)).length,
      syncedObservers: forwardedTo.length - followers.length,
      pendingSyncs: this.#syncs.length,
    };
  }
}
