import { type Id, makeZxid, OpCode, zxidCounter } from '@nodekeeper/protocol';
import type { Transport, TransportHandler } from '../ports/network.js';
import { Broadcast } from './broadcast.js';
import { Discovery } from './discovery.js';
import { epochMax } from './epochs.js';
import { LearnerHandler } from './learner-handler.js';
import type { ConnectedLearner, LearnerMaster } from './learner-master.js';
import { Learners } from './learners.js';
import { encodePacket, type ForwardedRequest, type LearnerInfo, PacketType, type SessionTouch } from './packets.js';
import type { LeaderGate, LeaderReport, Replica } from './replica.js';
import { SyncPolicy } from './sync-policy.js';
import type { TermContext } from './term-context.js';
import type { Candidacy } from './vote.js';

type Phase = 'discovery' | 'synchronisation' | 'broadcast' | 'over';

/**
 * A leader resigns when the counter of the zxid reaches this value, so that a new epoch begins (spec 4.7.6, L-9). The
 * larger counters are left for further proposals of the same event-loop turn. Hundreds of thousands of sessions can end
 * in one turn.
 */
const counterMax = 0xff00_0000;

/**
 * One term of a server as the leader, in three phases. Discovery: the leader chooses an epoch, and a quorum promises to
 * follow no earlier one. Synchronisation: a quorum receives this server's history. Broadcast: the leader sends
 * proposals, counts acknowledgements and commits. See docs/internals/zab.md.
 */
export class Leader implements LeaderGate, LearnerMaster {
  readonly syncPolicy: SyncPolicy;
  phase: Phase = 'discovery';
  readonly #context: TermContext;
  readonly #learners = new Learners();
  readonly #discovery: Discovery;
  /** The ids of the voters, the leader included, that have this leader's history on disk. */
  readonly #newLeaderAcks = new Set<number>();
  readonly #broadcast: Broadcast;
  readonly #initLimitMs: number;
  readonly #syncLimitMs: number;
  readonly #startMs: number;
  #deadlineMs: number;
  #halfTickMs = 0;
  #halfTicks = 0;

  constructor(context: TermContext) {
    this.#context = context;
    this.syncPolicy = new SyncPolicy(context.sync, context.replica);
    this.#discovery = new Discovery(context);
    this.#broadcast = new Broadcast(context, this.#learners);
    this.#initLimitMs = context.initLimit * context.tickTimeMs;
    this.#syncLimitMs = context.syncLimit * context.tickTimeMs;
    this.#startMs = context.nowMs();
    this.#deadlineMs = this.#startMs + this.#initLimitMs;
  }

  /** The epoch of this term; 0 until the leader has chosen it. */
  get epoch(): number {
    return this.#discovery.epoch;
  }

  get replica(): Replica {
    return this.#context.replica;
  }

  get configText(): string {
    return this.#context.config.committed.text;
  }

  /** The first zxid of the epoch, with the counter 0. */
  get epochZxid(): number {
    return makeZxid(this.epoch, 0);
  }

  get proposedMax(): number {
    return Math.max(this.#broadcast.lastProposed, this.epochZxid);
  }

  nowMs(): number {
    return this.#context.nowMs();
  }

  nextTurn(work: () => void): void {
    this.#context.nextTurn(work);
  }

  start(): void {
    this.#discovery.promised(this.#context.myId, this.#context.epochs.accepted);
    this.replica.event(() => this.#chooseEpoch());
  }

  readonly accept = (transport: Transport): TransportHandler | undefined => {
    if (this.phase === 'over') return undefined;
    const handler = new LearnerHandler(this, transport, this.#context.logger, this.nowMs());
    this.#learners.add(handler);
    return handler;
  };

  refusalOf({ serverId, configVersion }: LearnerInfo, acceptedEpoch: number): string | undefined {
    const { myId, config, tickTimeMs } = this.#context;
    const { version } = config.committed;
    if (acceptedEpoch >= epochMax)
      return `it has accepted epoch ${acceptedEpoch}, and the last possible one is ${epochMax}`;
    if (serverId === myId) return `a learner has this server's id, ${myId}: every server needs a myid of its own`;
    if (configVersion > version) {
      return `its configuration has version ${configVersion.toString(16)}, which is later than the leader's, ${version.toString(16)}`;
    }
    if (this.#learners.isInTouch(serverId, this.nowMs() - tickTimeMs)) {
      return `another server with the id ${serverId} is connected: every server needs a myid of its own`;
    }
    return this.#discovery.refusalOf(serverId, acceptedEpoch);
  }

  // ---- discovery

  registered(learner: ConnectedLearner, acceptedEpoch: number): void {
    this.#learners.closeOthersOf(learner);
    this.#discovery.promised(learner.serverId, acceptedEpoch);
    // a learner that has accepted a later epoch closes the connection when it receives this offer
    if (this.epoch > 0) learner.offerEpoch(this.epoch);
    else this.#chooseEpoch();
  }

  lookingSeen(from: number, vote: Candidacy): void {
    if (this.phase === 'over') return;
    const reason = this.#discovery.reasonToResign(from, vote);
    if (reason !== undefined) this.resign(reason);
  }

  #chooseEpoch(): void {
    const reason = this.#discovery.chooseEpoch();
    if (reason !== undefined) this.resign(reason);
    if (this.epoch === 0) return;
    for (const learner of this.#learners.inStage('registered')) learner.offerEpoch(this.epoch);
    this.#checkEpochAcks();
  }

  epochAcknowledged(learner: ConnectedLearner, currentEpoch: number): void {
    if (this.phase !== 'discovery') {
      learner.synchronise();
      return;
    }
    const refusal = this.#discovery.acknowledged(learner, currentEpoch);
    if (refusal === undefined) this.#checkEpochAcks();
    else learner.close(refusal);
  }

  #checkEpochAcks(): void {
    if (this.phase !== 'discovery' || !this.#discovery.isComplete) return;
    this.#context.epochs.current = this.epoch;
    this.phase = 'synchronisation';
    this.#deadlineMs = this.nowMs() + this.#initLimitMs;
    this.#newLeaderAcks.add(this.#context.myId);
    for (const learner of this.#learners.inStage('acknowledged')) learner.synchronise();
    this.#checkNewLeaderAcks();
  }

  // ---- synchronisation

  startForwarding(learner: ConnectedLearner): void {
    this.#broadcast.startForwarding(learner);
  }

  synced(learner: ConnectedLearner): void {
    if (this.phase === 'broadcast') {
      learner.upToDate();
      this.acked(learner, this.epochZxid);
      return;
    }
    if (this.#context.config.isVoter(learner.serverId)) this.#newLeaderAcks.add(learner.serverId);
    this.#checkNewLeaderAcks();
  }

  #checkNewLeaderAcks(): void {
    if (this.phase !== 'synchronisation' || !this.#context.config.isQuorum(this.#newLeaderAcks)) return;
    this.phase = 'broadcast';
    this.#broadcast.begin(this.epochZxid);
    this.#halfTickMs = this.nowMs();
    this.#context.established(this.epoch);
    this.replica.lead(this.epoch, this);
    const synced = [...this.#newLeaderAcks].filter((serverId) => serverId !== this.#context.myId).sort((a, b) => a - b);
    const followers = synced.length === 0 ? 'alone' : `with server${synced.length > 1 ? 's' : ''} ${synced.join(', ')}`;
    this.#context.logger.info(`Serving as the leader of epoch ${this.epoch}, ${followers}`);
    for (const learner of this.#learners.inStage('synced')) learner.upToDate();
  }

  // ---- broadcast

  proposed(zxid: number, bytes: Buffer): void {
    this.#broadcast.propose(zxid, bytes);
    if (zxidCounter(zxid) === counterMax) this.nextTurn(() => this.resign('the zxids of this epoch are used up'));
  }

  logged(zxid: number): void {
    this.#broadcast.acked(this.#context.myId, zxid);
  }

  acked(learner: ConnectedLearner, zxid: number): void {
    if (!learner.isObserver) this.#broadcast.acked(learner.serverId, zxid);
  }

  requested(learner: ConnectedLearner, request: ForwardedRequest, ids: readonly Id[]): void {
    if (this.phase !== 'broadcast') return;
    if (request.type === OpCode.sync) this.sync(() => learner.send(encodePacket(PacketType.sync, 0)));
    else this.replica.request(learner, request, ids);
  }

  revalidate(touch: SessionTouch, learner: ConnectedLearner, answer: (isValid: boolean) => void): void {
    if (this.phase === 'broadcast') this.replica.revalidate(touch, learner, answer);
  }

  ponged(touches: readonly SessionTouch[]): void {
    for (const touch of touches) this.replica.touch(touch);
    this.#broadcast.ponged();
  }

  sync(done: () => void): void {
    this.#broadcast.sync(done);
  }

  // ---- ticks, and the end of the term

  tick(nowMs: number): void {
    if (this.phase === 'over') return;
    if (this.phase !== 'broadcast' && nowMs >= this.#deadlineMs) {
      this.resign(`no quorum of learners in ${this.#initLimitMs} ms (initLimit), in the ${this.phase} phase`);
      return;
    }
    if (this.epoch === 0 && nowMs >= this.#startMs + this.#initLimitMs / 2) {
      this.#discovery.believeFar();
      this.replica.event(() => this.#chooseEpoch());
    }
    this.#learners.closeOverdue(nowMs, this.#initLimitMs, this.#syncLimitMs);
    if (this.phase === 'broadcast' && nowMs >= this.#halfTickMs + this.#context.tickTimeMs / 2) this.#halfTick(nowMs);
  }

  #halfTick(nowMs: number): void {
    this.#halfTickMs = nowMs;
    this.replica.event(() => this.#broadcast.ping());
    if (++this.#halfTicks % 2 === 0) this.#checkQuorum();
  }

  #checkQuorum(): void {
    const { myId, config } = this.#context;
    const synced = new Set([myId]);
    for (const { serverId } of this.#learners.inStage('serving')) if (config.isVoter(serverId)) synced.add(serverId);
    if (!config.isQuorum(synced)) {
      this.resign(`only servers ${[...synced].sort((a, b) => a - b).join(', ')} are connected, which is not a quorum`);
    }
  }

  learnerGone(learner: ConnectedLearner): void {
    // promises and acknowledgements that the learner has already sent still count
    this.#learners.delete(learner);
  }

  resign(reason: string): void {
    if (this.phase === 'over') return;
    this.end();
    this.#context.lost(reason);
  }

  end(): void {
    this.phase = 'over';
    this.#broadcast.end();
    this.#learners.closeAll('this server no longer leads');
  }

  report(): LeaderReport {
    const { config } = this.#context;
    return {
      ...this.#learners.counts((serverId) => config.isVoter(serverId)),
      pendingSyncs: this.#broadcast.pendingSyncs,
    };
  }
}
