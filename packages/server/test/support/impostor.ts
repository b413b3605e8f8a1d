import { makeZxid } from '@nodekeeper/protocol';
import type { Transport, TransportHandler } from '../../src/ports/network.js';
import { encodeHello } from '../../src/zab/election-hello.js';
import { encodeNotification, type OutgoingNotification } from '../../src/zab/notification.js';
import { encodeLearnerInfo, encodePacket, PacketType, zabProtocolVersion } from '../../src/zab/packets.js';
import type { TestEnsemble, TestMember } from './test-ensemble.js';

const electionPort = 3888;
const quorumPort = 2888;

/** The test's end of a connection. */
interface Line {
  say(bytes: Buffer): void;
  readonly isClosed: boolean;
}

/** Connects to a port of a member and sends these chunks. Lets the ensemble process each chunk. */
export function call(ensemble: TestEnsemble, member: TestMember, port: number, ...chunks: Buffer[]): Line {
  let transport: Transport | undefined;
  let isClosed = false;
  const close = () => void (isClosed = true);
  ensemble.peers.networkOf('stranger').dial(
    { host: member.name, port },
    (opened) => {
      transport = opened;
      return { receive() {}, drained() {}, ended: close, closed: close };
    },
    close,
  );
  ensemble.settle();
  const line = {
    say(bytes: Buffer) {
      transport?.write(bytes);
      ensemble.settle();
    },
    get isClosed() {
      return isClosed;
    },
  };
  for (const chunk of chunks) line.say(chunk);
  return line;
}

/** Connects to the election port of a member, and claims to be the server with this id. */
export function callAsVoter(ensemble: TestEnsemble, member: TestMember, id: number): Line {
  return call(ensemble, member, electionPort, encodeHello(id, [{ host: `s${id}`, port: electionPort }]));
}

/** Encodes an election message, with its length before it. */
export function electionMessage(vote: Partial<OutgoingNotification>): Buffer {
  const message = encodeNotification({
    state: 'looking',
    leader: 3,
    zxid: 0,
    electionEpoch: 1,
    peerEpoch: 0,
    config: '',
    ...vote,
  });
  const head = Buffer.alloc(4);
  head.writeInt32BE(message.length);
  return Buffer.concat([head, message]);
}

/** Encodes the first packet that a learner sends to its leader. */
export function followerInfo(serverId: number, acceptedEpoch = 0): Buffer {
  const info = encodeLearnerInfo({ serverId, protocolVersion: zabProtocolVersion, configVersion: 0 });
  return encodePacket(PacketType.followerInfo, makeZxid(acceptedEpoch, 0), info);
}

/** Connects to the quorum port as a follower with this id, and acknowledges the leader's history. */
export function joinAs(ensemble: TestEnsemble, leader: TestMember, id: number): Line {
  const line = call(ensemble, leader, quorumPort, followerInfo(id));
  line.say(encodePacket(PacketType.ackEpoch, 0, Buffer.alloc(4)));
  line.say(encodePacket(PacketType.ack, makeZxid(leader.epochs.current, 0)));
  return line;
}

/**
 * A leader that the test plays: server 3 of three. The test also plays server 2, which claims to follow server 3. So
 * member 1 follows server 3.
 */
export class PlayedLeader {
  #transport: Transport | undefined;
  /** The number of times that member 1 has connected to this leader. */
  terms = 0;

  constructor(
    private readonly ensemble: TestEnsemble,
    readonly epoch = 1,
  ) {
    ensemble.peers.networkOf('s3').listen(
      { host: 's3', port: quorumPort },
      (transport): TransportHandler => {
        this.#transport = transport;
        this.terms++;
        return { receive() {}, drained() {}, ended() {}, closed() {} };
      },
      { listening() {}, failed() {} },
    );
    const follower = ensemble.member(1);
    for (const [id, state] of [
      [2, 'following'],
      [3, 'leading'],
    ] as const) {
      callAsVoter(ensemble, follower, id).say(electionMessage({ state, peerEpoch: epoch }));
    }
    ensemble.until('member 1 calls', () => this.terms > 0);
  }

  say(type: number, zxid: number, data?: Buffer): void {
    this.sayBytes(encodePacket(type, zxid, data));
  }

  sayBytes(bytes: Buffer): void {
    this.#transport!.write(bytes);
    this.ensemble.settle();
  }

  /** Sends member 1 all packets of a synchronisation up to UPTODATE. The leader's history has no transactions. */
  synchronise(): void {
    this.offerEpoch(this.epoch);
    this.say(PacketType.diff, 0);
    this.say(PacketType.newLeader, makeZxid(this.epoch, 0));
    this.say(PacketType.upToDate, -1);
  }

  offerEpoch(epoch: number): void {
    const version = Buffer.alloc(4);
    version.writeInt32BE(zabProtocolVersion);
    this.say(PacketType.leaderInfo, makeZxid(epoch, 0), version);
  }
}
