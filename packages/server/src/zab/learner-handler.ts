import { makeZxid, ProtocolError, zxidEpoch, zxidHex } from '@nodekeeper/protocol';
import type { Logger } from '../log/logger.js';
import type { Transport, TransportHandler } from '../ports/network.js';
import type { SnapshotEncoder } from '../storage/index.js';
import type { ConnectedLearner, LearnerMaster, LearnerStage } from './learner-master.js';
import { LoggedDifference } from './logged-difference.js';
import { OwedAcknowledgement } from './owed-acknowledgement.js';
import { PacketOutbox } from './packet-outbox.js';
import { PacketStream } from './packet-stream.js';
import {
  decodeForwarded,
  decodeLearnerInfo,
  decodeTouches,
  encodePacket,
  encodeValidity,
  type LearnerInfo,
  type Packet,
  PacketType,
  packetName,
  zabProtocolVersion,
} from './packets.js';
import { guarded } from './peer-input.js';
import type { SyncPlan } from './sync-plan.js';
import type { SyncKind } from './sync-policy.js';

const syncNames: Record<SyncPlan['kind'], string> = {
  diff: 'with DIFF',
  trunc: 'with TRUNC',
  snap: 'with SNAP',
  logged: 'from the logs, if they are complete',
};

/** The largest packet before a learner is registered. FOLLOWERINFO and OBSERVERINFO are smaller. */
const greetingBytesMax = 1024;
const packetBytesMax = 64 * 1024 * 1024;

/** The leader's end of the connection with one learner. */
export class LearnerHandler implements ConnectedLearner, TransportHandler {
  stage: LearnerStage = 'greeting';
  serverId = -1;
  isObserver = false;
  lastHeardMs: number;
  isForwardedTo = false;
  answeredRound = 0;
  readonly owed = new OwedAcknowledgement();
  lastZxid = 0;
  readonly #master: LearnerMaster;
  readonly #transport: Transport;
  readonly #stream: PacketStream;
  readonly #outbox: PacketOutbox;
  readonly #logger: Logger;
  readonly #rounds: number[] = [];
  #syncKind: SyncKind | undefined;

  constructor(master: LearnerMaster, transport: Transport, logger: Logger, nowMs: number) {
    this.#master = master;
    this.#transport = transport;
    this.#logger = logger;
    this.#outbox = new PacketOutbox(transport, (work) => master.nextTurn(work));
    this.lastHeardMs = nowMs;
    this.#stream = new PacketStream((packet) => this.#onPacket(packet), greetingBytesMax);
  }

  /** The learner's name for log lines. */
  get name(): string {
    const kind = this.isObserver ? 'observer' : 'follower';
    return this.serverId < 0 ? `a learner at ${this.#transport.remoteAddress}` : `${kind} ${this.serverId}`;
  }

  // ---- the connection

  receive(chunk: Buffer): void {
    this.lastHeardMs = this.#master.nowMs();
    this.#master.replica.event(() => this.#read(chunk));
  }

  #read(chunk: Buffer): void {
    guarded(
      () => this.#stream.push(chunk),
      (reason) => this.close(reason),
    );
  }

  drained(): void {
    this.#outbox.drained();
  }

  ended(): void {
    this.close('it closed the connection');
  }

  closed(reason: string): void {
    this.close(reason);
  }

  close(reason: string): void {
    if (this.stage === 'gone') return;
    if (this.stage === 'greeting')
      this.#logger.warn(`Refusing a connection from ${this.#transport.remoteAddress} to the quorum port: ${reason}`);
    else this.#logger.info(`Learner connection closed: ${this.name}: ${reason}`);
    this.stage = 'gone';
    this.isForwardedTo = false;
    this.#stream.end();
    this.#outbox.close();
    this.#syncOver();
    this.#master.learnerGone(this);
  }

  send(packet: Buffer): void {
    this.#outbox.send(packet);
  }

  propose(zxid: number, packet: Buffer, nowMs: number): void {
    this.owed.proposed(zxid, nowMs);
    this.send(packet);
  }

  ping(round: number, zxid: number): void {
    this.#rounds.push(round);
    this.send(encodePacket(PacketType.ping, zxid));
  }

  // ---- packets from the learner

  #onPacket(packet: Packet): void {
    switch (this.stage) {
      case 'greeting':
        this.#register(packet);
        break;
      case 'offered':
        this.#acknowledgeEpoch(packet);
        break;
      case 'newLeader':
      case 'synced':
      case 'serving':
        this.#onSteadyPacket(packet);
        break;
      default:
        throw new ProtocolError(`${packetName(packet.type)} came when no packet was expected`);
    }
  }

  #register(packet: Packet): void {
    if (packet.type !== PacketType.followerInfo && packet.type !== PacketType.observerInfo) {
      throw new ProtocolError(`${packetName(packet.type)} instead of FOLLOWERINFO or OBSERVERINFO`);
    }
    const info = decodeLearnerInfo(packet.data);
    const acceptedEpoch = zxidEpoch(packet.zxid);
    const refusal = this.#master.refusalOf(info, acceptedEpoch);
    if (refusal !== undefined) throw new ProtocolError(refusal);
    if (info.protocolVersion < zabProtocolVersion) {
      throw new ProtocolError(`protocol version ${info.protocolVersion}, from before 3.4, is not supported`);
    }
    this.#accept(info, packet.type === PacketType.observerInfo);
    this.#master.registered(this, acceptedEpoch);
  }

  #accept(info: LearnerInfo, isObserver: boolean): void {
    this.#stream.bytesMax = packetBytesMax;
    this.serverId = info.serverId;
    this.isObserver = isObserver;
    this.stage = 'registered';
  }

  offerEpoch(epoch: number): void {
    this.stage = 'offered';
    const version = Buffer.alloc(4);
    version.writeInt32BE(zabProtocolVersion);
    this.send(encodePacket(PacketType.leaderInfo, makeZxid(epoch, 0), version));
  }

  #acknowledgeEpoch(packet: Packet): void {
    if (packet.type !== PacketType.ackEpoch || packet.data.length < 4) {
      throw new ProtocolError(`${packetName(packet.type)} instead of ACKEPOCH`);
    }
    this.lastZxid = packet.zxid;
    this.stage = 'acknowledged';
    this.#master.epochAcknowledged(this, packet.data.readInt32BE(0));
  }

  #onSteadyPacket(packet: Packet): void {
    switch (packet.type) {
      case PacketType.ack:
        this.#onAck(packet.zxid);
        break;
      case PacketType.ping:
        this.answeredRound = this.#rounds.shift() ?? this.answeredRound;
        this.#master.ponged(decodeTouches(packet.data));
        break;
      case PacketType.request:
        this.#master.requested(this, decodeForwarded(Buffer.from(packet.data)), packet.ids);
        break;
      case PacketType.revalidate:
        this.#revalidate(packet);
        break;
      default:
        throw new ProtocolError(`a learner does not send ${packetName(packet.type)}`);
    }
  }

  /**
   * Handles ACK. The ACKs of NEWLEADER and of UPTODATE carry the first zxid of the epoch. The ACK of a proposal carries
   * the zxid of the proposal (4.4).
   */
  #onAck(zxid: number): void {
    if (zxid > this.#master.proposedMax) {
      throw new ProtocolError(`ACK of ${zxidHex(zxid)}, which was not proposed`);
    }
    if (this.stage === 'newLeader' && zxid === this.#master.epochZxid) {
      this.stage = 'synced';
      this.#syncOver();
      this.#master.synced(this);
    } else if (zxid !== this.#master.epochZxid) {
      this.owed.acked(zxid);
      this.#master.acked(this, zxid);
    }
  }

  #revalidate(packet: Packet): void {
    const [touch] = decodeTouches(packet.data);
    if (touch === undefined) throw new ProtocolError('REVALIDATE without a session');
    const { sessionId } = touch;
    this.#master.revalidate(touch, this, (isValid) =>
      this.send(encodePacket(PacketType.revalidate, packet.zxid, encodeValidity(sessionId, isValid))),
    );
  }

  // ---- synchronisation (spec 4.5)

  /** Starts the synchronisation. From now on, the learner also gets every new proposal and commit. */
  synchronise(): void {
    this.stage = 'syncing';
    this.#follow(this.#master.syncPolicy.plan(this.serverId, this.lastZxid));
  }

  #follow(plan: SyncPlan): void {
    const kind = plan.kind === 'snap' ? 'snap' : 'diff';
    const refusal = this.#master.syncPolicy.refusal(this.isObserver, kind);
    if (refusal !== undefined) {
      this.close(refusal);
      return;
    }
    const [theirs, ours] = [this.lastZxid, this.#master.replica.lastZxid].map(zxidHex);
    this.#logger.info(`Synchronising ${this.name} ${syncNames[plan.kind]}: it has ${theirs}, this server has ${ours}`);
    this.#syncBegins(kind);
    if (plan.kind === 'snap') this.#sendSnapshot();
    else if (plan.kind === 'logged') this.#sendBulk(plan.difference);
    else this.#sendRemembered(plan);
    this.#master.startForwarding(this);
    if (!this.#outbox.isHolding) this.#sendNewLeader();
  }

  #sendRemembered(plan: SyncPlan & { readonly kind: 'diff' | 'trunc' }): void {
    const { history } = this.#master.replica;
    this.send(encodePacket(PacketType[plan.kind], plan.zxid));
    for (let index = plan.from; index < history.length; index++) {
      const { zxid, bytes } = history.at(index);
      this.send(encodePacket(PacketType.proposal, zxid, bytes));
      this.send(encodePacket(PacketType.commit, zxid));
    }
  }

  #sendSnapshot(): void {
    const { zxid, encoder } = this.#master.replica.snapshot();
    this.send(encodePacket(PacketType.snap, zxid));
    this.#sendBulk(encoder);
  }

  /**
   * Sends a snapshot, or transactions from the logs. Transactions that are committed during the transfer are sent after
   * it and before NEWLEADER, so that the learner misses none.
   */
  #sendBulk(bulk: SnapshotEncoder | LoggedDifference): void {
    const progressed = () => {
      this.lastHeardMs = this.#master.nowMs();
    };
    this.#outbox.sendBulk(bulk, progressed, () => this.#bulkEnds(bulk));
  }

  #bulkEnds(bulk: SnapshotEncoder | LoggedDifference): void {
    if (bulk instanceof LoggedDifference && bulk.outcome !== 'complete') {
      this.#outbox.dropHeld();
      this.#logsFailed(bulk);
    } else {
      this.#outbox.sendHeld();
      this.#sendNewLeader();
    }
  }

  /**
   * The logs lack transactions, so the learner needs a snapshot. If nothing was sent yet, the learner gets the snapshot
   * now. Otherwise it gets the snapshot when it connects again.
   */
  #logsFailed({ outcome }: LoggedDifference): void {
    this.#syncOver();
    this.isForwardedTo = false;
    if (outcome === 'unsuitable') {
      this.#follow({ kind: 'snap' });
    } else {
      this.#master.syncPolicy.logsFailed(this.serverId);
      this.close('the transactions that it lacks cannot be read from the logs; it gets a snapshot next time');
    }
  }

  #sendNewLeader(): void {
    this.stage = 'newLeader';
    this.send(encodePacket(PacketType.newLeader, this.#master.epochZxid, Buffer.from(this.#master.configText)));
  }

  #syncBegins(kind: SyncKind): void {
    this.#syncKind = kind;
    this.#master.syncPolicy.begins(kind);
  }

  #syncOver(): void {
    if (this.#syncKind !== undefined) this.#master.syncPolicy.over(this.#syncKind);
    this.#syncKind = undefined;
  }

  upToDate(): void {
    this.stage = 'serving';
    this.owed.restart(this.#master.nowMs());
    this.send(encodePacket(PacketType.upToDate, -1));
  }
}
