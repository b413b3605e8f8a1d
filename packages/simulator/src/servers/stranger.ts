import { makeZxid, OpCode } from '@nodekeeper/protocol';
import {
  encodeForwarded,
  encodeHello,
  encodeLearnerInfo,
  encodeNotification,
  encodePacket,
  type Host,
  type Network,
  PacketType,
  Process,
  zabProtocolVersion,
} from '@nodekeeper/server/testing';
import type { World } from '../world/world.js';
import { electionPort, quorumPort, type Server } from './server.js';

const name = 'stranger';
/** An id that no configuration contains. */
const ownId = 77;
const staysMs = 300;

function learner(serverId: number, acceptedEpoch: number): Buffer {
  const info = encodeLearnerInfo({ serverId, protocolVersion: zabProtocolVersion, configVersion: 0 });
  return encodePacket(PacketType.followerInfo, makeZxid(acceptedEpoch, 0), info);
}

/** The bytes of an election connection: a hello with this id, and a vote with its length prefix. */
function vote(serverId: number, electionEpoch: number, config = ''): Buffer {
  const message = encodeNotification({
    state: 'looking',
    leader: serverId,
    zxid: 0,
    electionEpoch,
    peerEpoch: 0,
    config,
  });
  const head = Buffer.alloc(4);
  head.writeInt32BE(message.length);
  return Buffer.concat([encodeHello(serverId, [{ host: name, port: electionPort }]), head, message]);
}

function request(type: number): Buffer {
  const body = Buffer.alloc(0);
  return encodePacket(PacketType.request, -1, encodeForwarded({ sessionId: 1n, cxid: 1, type, body }));
}

interface Words {
  readonly port: number;
  /** The messages to send one after the other. The pause between two messages leaves time for replies. */
  readonly say: readonly Buffer[];
}

/** The attacks. Most of them use the id of a member, which may be down or running. */
const attacks: readonly ((server: Server, memberId: number) => readonly Words[])[] = [
  () => [{ port: electionPort, say: [encodeHello(0, [{ host: name, port: 99_999 }])] }],
  () => [electionPort, quorumPort].map((port) => ({ port, say: [Buffer.alloc(4096, 0xa5)] })),
  // the member claims to be LOOKING and to have accepted the second-highest possible epoch
  (_, memberId) => [
    { port: quorumPort, say: [learner(memberId, 2 ** 21 - 2)] },
    { port: electionPort, say: [vote(memberId, 1)] },
  ],
  (_, memberId) => [{ port: electionPort, say: [vote(memberId, 2 ** 53 - 1)] }],
  // the vote contains a configuration in which the attacked server is the only member
  ({ setting }, memberId) => {
    const config = `server.${setting.id}=s${setting.id}:${quorumPort}:${electionPort}:participant\nversion=100000000`;
    return [{ port: electionPort, say: [vote(memberId, 1, config)] }];
  },
  // the stranger joins as a learner without a vote, and then makes a request that no learner may make
  ({ peer }) => {
    const { epoch } = peer?.leader ?? { epoch: 1 };
    const joins = [learner(ownId, 0), encodePacket(PacketType.ackEpoch, 0, Buffer.alloc(4))];
    const acknowledges = encodePacket(PacketType.ack, makeZxid(epoch, 0));
    return [OpCode.exists, 999].map((type) => ({ port: quorumPort, say: [...joins, acknowledges, request(type)] }));
  },
];

/** A machine outside the ensemble that sends false messages to the peer ports of servers. */
export class Stranger implements Host {
  readonly isOn = true;
  readonly process: Process<World>;
  readonly #names = new Map<Server, number>();

  constructor(
    world: World,
    private readonly network: Network,
  ) {
    this.process = new Process(world, name, world.random(name), (work) => work());
    this.process.begin();
    network.hosts.set(name, this);
  }

  attack(server: Server, otherId: number, draw: number): void {
    // The stranger uses only one id for each server. With several ids, it could pose as a quorum, and a server must
    // believe a quorum.
    const memberId = this.#names.get(server) ?? otherId;
    this.#names.set(server, memberId);
    const index = Math.floor(draw * attacks.length);
    const attack = attacks[index]!;
    server.world.note(`a stranger attacks ${server.name} with the id of server ${memberId}, attack ${index}`);
    for (const [call, { port, say }] of attack(server, memberId).entries()) {
      this.process.post(call * staysMs, () => this.#call(server.name, port, say));
    }
  }

  #call(host: string, port: number, say: readonly Buffer[]): void {
    this.network.dial(
      name,
      { host, port },
      (transport) => {
        for (const [index, bytes] of say.entries()) this.process.post(index * 20, () => transport.write(bytes));
        this.process.post(staysMs, () => transport.destroy());
        return { receive() {}, drained() {}, ended() {}, closed() {} };
      },
      () => {},
    );
  }
}
