import { type Id, makeZxid, ProtocolError, zxidEpoch, zxidHex } from '@nodekeeper/protocol';
import type { PeerAddress, PeerNetwork, Transport, TransportHandler } from '../ports/network.js';
import type { SnapshotDecoder } from '../storage/index.js';
import { farEpochs } from './epoch-promises.js';
import { LeaderDial } from './leader-dial.js';
import { PacketOutbox } from './packet-outbox.js';
import { PacketStream } from './packet-stream.js';
import {
  decodeValidity,
  encodeForwarded,
  encodeLearnerInfo,
  encodePacket,
  encodeTouches,
  type ForwardedRequest,
  type Packet,
  PacketType,
  packetName,
  type SessionTouch,
  zabProtocolVersion,
} from './packets.js';
import { guarded, parsed } from './peer-input.js';
import { ReceivedProposals } from './received-proposals.js';
import type { LeaderLink } from './replica.js';
import type { TermContext } from './term-context.js';

/** The stages of a learner's term, from the connection to the leader until the end (spec 4.4, 4.6). */
type Stage = 'connecting' | 'registering' | 'choosing' | 'syncing' | 'persisting' | 'ready' | 'serving' | 'over';

const packetBytesMax = 64 * 1024 * 1024;

/**
 * Thrown if the history on disk does not end at the zxid at which the server has truncated it. This must never happen,
 * so the error ends the process, as in ZooKeeper.
 */
class HistoryError extends Error {
  override readonly name = 'HistoryError';
  readonly exitCode = 13;
}

/** One term of a server as a follower or an observer. */
export class Learner implements LeaderLink {
  stage: Stage = 'connecting';
  readonly leaderId: number;
  readonly #context: TermContext;
  readonly #isObserver: boolean;
  readonly #addresses: readonly PeerAddress[];
  readonly #dial: LeaderDial;
  readonly #stream: PacketStream;
  #outbox: PacketOutbox | undefined;
  #lastHeardMs: number;
  #epoch = 0;
  /** The leader's configuration as text. This server adopts it when the leader sends UPTODATE. */
  #configText = '';
  /** The packet with which the leader began the synchronisation: DIFF, TRUNC or SNAP. */
  #syncName = '';
  /** Monotonic time at which the synchronisation began. */
  #syncMs = 0;
  readonly #proposals = new ReceivedProposals();

  constructor(
    context: TermContext,
    leaderId: number,
    addresses: readonly PeerAddress[],
    isObserver: boolean,
    network: PeerNetwork,
  ) {
    this.#context = context;
    this.leaderId = leaderId;
    this.#addresses = addresses;
    this.#isObserver = isObserver;
    this.#lastHeardMs = context.nowMs();
    this.#dial = new LeaderDial(leaderId, addresses, network, context.nowMs, {
      connected: (transport) => this.#connected(transport),
      failed: (reason) => this.#leaveTerm(reason),
    });
    this.#stream = new PacketStream((packet) => this.#onPacket(packet), packetBytesMax);
  }

  // ---- the connection

  start(): void {
    this.#dial.start();
  }

  #connected(transport: Transport): TransportHandler {
    this.#outbox = new PacketOutbox(transport, this.#context.nextTurn);
    this.stage = 'registering';
    this.#lastHeardMs = this.#context.nowMs();
    const { myId, config, epochs } = this.#context;
    const configVersion = config.committed.version;
    const info = encodeLearnerInfo({ serverId: myId, protocolVersion: zabProtocolVersion, configVersion });
    const type = this.#isObserver ? PacketType.observerInfo : PacketType.followerInfo;
    this.#send(encodePacket(type, makeZxid(epochs.accepted, 0), info));
    return {
      receive: (chunk) => this.#receive(chunk),
      drained: () => {},
      ended: () => this.#leaveTerm('the leader closed the connection'),
      closed: (reason) => this.#leaveTerm(`the connection with the leader is lost: ${reason}`),
    };
  }

  #receive(chunk: Buffer): void {
    this.#lastHeardMs = this.#context.nowMs();
    this.#context.replica.event(() => this.#read(chunk));
  }

  #read(chunk: Buffer): void {
    guarded(
      () => this.#stream.push(chunk),
      (reason) => this.#leaveTerm(`the leader violates the protocol: ${reason}`),
    );
  }

  #send(packet: Buffer): void {
    this.#outbox?.send(packet);
  }

  readonly #sendAck = (zxid: number): void => this.#send(encodePacket(PacketType.ack, zxid));

  // ---- packets from the leader

  #onPacket(packet: Packet): void {
    switch (this.stage) {
      case 'registering':
        this.#acceptEpoch(packet);
        break;
      case 'choosing':
        this.#beginSync(packet);
        break;
      case 'over':
        break;
      default:
        this.#onHistory(packet);
    }
  }

  /**
   * Handles LEADERINFO, which contains the leader's epoch. By accepting that epoch, this server promises to follow no
   * earlier one. The accepted epoch is durable before this server sends ACKEPOCH.
   */
  #acceptEpoch(packet: Packet): void {
    if (packet.type !== PacketType.leaderInfo) {
      throw new ProtocolError(`${packetName(packet.type)} instead of LEADERINFO`);
    }
    const { epochs, replica } = this.#context;
    this.#epoch = zxidEpoch(packet.zxid);
    if (this.#epoch < epochs.accepted) {
      this.#leaveTerm(
        `epoch ${this.#epoch} is over: this server has accepted ${epochs.accepted}, maybe in another ensemble`,
      );
      return;
    }
    const known = Math.max(epochs.accepted, this.#context.votedEpoch);
    if (this.#epoch > known + 2 * farEpochs) {
      throw new ProtocolError(`epoch ${this.#epoch}, too far ahead of ${known} to be believed`);
    }
    const answer = Buffer.alloc(4);
    answer.writeInt32BE(this.#epoch > epochs.accepted ? epochs.current : -1);
    if (this.#epoch > epochs.accepted) epochs.accepted = this.#epoch;
    this.stage = 'choosing';
    this.#send(encodePacket(PacketType.ackEpoch, replica.zxidToTell, answer));
  }

  /**
   * Throws `ProtocolError` if the zxid is of a later epoch than the leader's. A leader sends only transactions of its
   * own epoch and of earlier epochs.
   */
  #checkEpochOf(zxid: number): void {
    if (zxidEpoch(zxid) <= this.#epoch) return;
    throw new ProtocolError(`${zxidHex(zxid)} is of a later epoch than the leader's, ${this.#epoch}`);
  }

  #beginSync(packet: Packet): void {
    const { replica, logger } = this.#context;
    const { zxid } = packet;
    if (zxid < 0) throw new ProtocolError(`${packetName(packet.type)} with the zxid ${zxid}`);
    this.#checkEpochOf(zxid);
    this.#syncName = packetName(packet.type);
    this.#syncMs = this.#context.nowMs();
    logger.info(`Synchronising with server ${this.leaderId}: ${this.#syncName} ${zxidHex(zxid)}`);
    if (packet.type === PacketType.snap) {
      this.#receiveSnapshot(zxid, replica.receiveSnapshot());
    } else if (packet.type === PacketType.trunc) {
      if (!this.#truncate(zxid)) return;
    } else if (packet.type !== PacketType.diff) {
      throw new ProtocolError(`${packetName(packet.type)} instead of DIFF, TRUNC or SNAP`);
    }
    replica.learn(this);
    this.#proposals.startAfter(replica.lastZxid);
    this.stage = 'syncing';
  }

  /** Receives a snapshot. This server uses no part of it until all of it has arrived (R-12 ZK-3642). */
  #receiveSnapshot(zxid: number, decoder: SnapshotDecoder): void {
    const { replica } = this.#context;
    this.#stream.readRaw((bytes) => {
      // a decoder error leaves this server's state intact, because the tree that is being built is not in use yet
      const rest = parsed(() => decoder.push(bytes));
      if (rest === undefined) return undefined;
      replica.finishSnapshot(zxid);
      replica.learn(this);
      this.#proposals.startAfter(zxid);
      return rest;
    });
  }

  #truncate(zxid: number): boolean {
    const { replica } = this.#context;
    if (!replica.truncate(zxid)) {
      this.#leaveTerm(`no files hold a history that ends at ${zxidHex(zxid)}; asking the leader for a snapshot`);
      return false;
    }
    if (replica.lastZxid !== zxid) {
      throw new HistoryError(
        `the history could not be truncated at ${zxidHex(zxid)}; it ends at ${zxidHex(replica.lastZxid)}`,
      );
    }
    return true;
  }

  #onHistory(packet: Packet): void {
    switch (packet.type) {
      case PacketType.proposal:
        this.#propose(packet.zxid, packet.data);
        break;
      case PacketType.commit:
        this.#context.replica.commit(packet.zxid);
        break;
      case PacketType.inform:
        this.#inform(packet.zxid, packet.data);
        break;
      case PacketType.newLeader:
        this.#checkEpochOf(packet.zxid);
        this.#configText = packet.data.toString('utf8');
        this.#persist();
        break;
      case PacketType.upToDate:
        this.#serve();
        break;
      case PacketType.ping:
        // this learner answers only while it serves: ZooKeeper's leader also pings a learner that is synchronising, and
        // closes the connection if the learner answers
        if (this.stage !== 'serving') break;
        this.#send(encodePacket(PacketType.ping, packet.zxid, encodeTouches(this.#context.replica.takeTouches())));
        break;
      case PacketType.sync:
        this.#context.replica.synced();
        break;
      case PacketType.revalidate: {
        const { sessionId, isValid } = decodeValidity(packet.data);
        this.#context.replica.revalidated(sessionId, isValid);
        break;
      }
      default:
        throw new ProtocolError(`a leader does not send ${packetName(packet.type)} at this stage`);
    }
  }

  /** Appends a proposal to the log. Returns false if this learner has already received the proposal. */
  #propose(zxid: number, data: Buffer): boolean {
    if (!this.#proposals.isNext(zxid)) return false;
    this.#checkEpochOf(zxid);
    this.#context.replica.append(zxid, Buffer.from(data));
    this.#proposals.appended(zxid, !this.#isObserver);
    return true;
  }

  /** Handles INFORM, which contains both a proposal and its commit. */
  #inform(zxid: number, data: Buffer): void {
    if (this.#propose(zxid, data)) this.#context.replica.commit(zxid);
  }

  /**
   * Handles NEWLEADER, which follows the last transaction of the synchronisation. This server writes the log and then
   * the current epoch, and then acknowledges NEWLEADER. Each step is durable before the next one.
   */
  #persist(): void {
    if (this.stage !== 'syncing') throw new ProtocolError('NEWLEADER came twice');
    this.stage = 'persisting';
    this.#context.replica.makeDurable(() => {
      if (this.stage !== 'persisting') return;
      this.#context.epochs.current = this.#epoch;
      this.stage = 'ready';
      this.#send(encodePacket(PacketType.ack, makeZxid(this.#epoch, 0)));
      this.#proposals.acknowledge(this.#sendAck);
    });
  }

  #serve(): void {
    if (this.stage !== 'ready') throw new ProtocolError('UPTODATE came before this server was ready');
    if (!this.#context.configured(this.#configText)) {
      this.#leaveTerm("this server's role has changed with the configuration");
      return;
    }
    this.stage = 'serving';
    this.#context.established(this.#epoch);
    this.#context.replica.serve(this.#isObserver ? 'observer' : 'follower');
    const durationMs = Math.round(this.#context.nowMs() - this.#syncMs);
    this.#context.logger.info(
      `Serving as ${this.#isObserver ? 'an observer' : 'a follower'} of server ${this.leaderId} in epoch ${this.#epoch}: synchronised with ${this.#syncName} in ${durationMs} ms`,
    );
    this.#send(encodePacket(PacketType.ack, makeZxid(this.#epoch, 0)));
  }

  // ---- calls from this server's role

  /**
   * Called when all proposals up to this zxid are durable. A learner acknowledges proposals only after it has
   * acknowledged NEWLEADER (R-6 ZK-4685).
   */
  logged(zxid: number): void {
    this.#proposals.durable(zxid);
    if (this.stage === 'ready' || this.stage === 'serving') this.#proposals.acknowledge(this.#sendAck);
  }

  forward(request: ForwardedRequest, ids: readonly Id[]): void {
    this.#send(encodePacket(PacketType.request, -1, encodeForwarded(request), ids));
  }

  revalidate(touch: SessionTouch): void {
    this.#send(encodePacket(PacketType.revalidate, -1, encodeTouches([touch])));
  }

  diverged(zxid: number): void {
    this.#leaveTerm(`the tree differs from the leader's at ${zxidHex(zxid)}; asking the leader for a snapshot`);
  }

  // ---- ticks, and the end of the term

  tick(nowMs: number): void {
    if (this.stage === 'over') return;
    this.#dial.tick(nowMs);
    const { initLimit, syncLimit, connectLimit, tickTimeMs } = this.#context;
    const ticks = this.stage === 'serving' ? syncLimit : this.stage === 'connecting' ? connectLimit : initLimit;
    const limitMs = ticks * tickTimeMs;
    if (nowMs - this.#lastHeardMs > limitMs) {
      this.#leaveTerm(this.stage === 'connecting' ? this.#noConnection(limitMs) : this.#silence(limitMs));
    }
  }

  #noConnection(limitMs: number): string {
    const places = this.#addresses.map(({ host, port }) => `${host}:${port}`).join(', ');
    return `no connection with the leader, server ${this.leaderId}, at ${places} in ${limitMs} ms`;
  }

  #silence(limitMs: number): string {
    return `the leader, server ${this.leaderId}, has sent nothing for ${limitMs} ms`;
  }

  #leaveTerm(reason: string): void {
    if (this.stage === 'over') return;
    this.end();
    this.#context.lost(reason);
  }

  end(): void {
    this.stage = 'over';
    this.#stream.end();
    this.#dial.end();
    this.#outbox?.close();
  }
}
