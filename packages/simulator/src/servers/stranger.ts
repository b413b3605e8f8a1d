import { makeZxid, OpCode } from '@nodekeeper/protocol';
import {
  encodeForwarded,
  encodeHello,
  encodeLearnerInfo,
  encodeNotification,
  encodePacket,
  PacketType,
  zabProtocolVersion,
} from '@nodekeeper/server/testing';
import type { Host, Network } from '../world/network.js';
import { Process } from '../world/process.js';
import type { World } from '../world/world.js';
import { electionPort, quorumPort, type Server } from './server.js';

const name = 'stranger';
/** In no configuration. */
const ownId = 77;
const staysMs = 300;

function learner(serverId: number, acceptedEpoch: number): Buffer {
  const info = encodeLearnerInfo({ serverId, protocolVersion: zabProtocolVersion, configVersion: 0 });
  return encodePacket(PacketType.followerInfo, makeZxid(acceptedEpoch, 0), info);
}

/** A vote of whom it pretends to be, with the length in front that messages of an election have. */
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
  /** Said one after the other, with time in between to be answered. */
  readonly say: readonly Buffer[];
}

/** Of a server that is not there, or is, with the number of a member. */
const attacks: readonly ((server: Server, memberId: number) => readonly Words[])[] = [
  () => [{ port: electionPort, say: [encodeHello(0, [{ host: name, port: 99_999 }])] }],
  () => [electionPort, quorumPort].map((port) => ({ port, say: [Buffer.alloc(4096, 0xa5)] })),
  // it has accepted the last epoch but one, and looks for a leader
  (_, memberId) => [
    { port: quorumPort, say: [learner(memberId, 2 ** 21 - 2)] },
    { port: electionPort, say: [vote(memberId, 1)] },
  ],
  (_, memberId) => [{ port: electionPort, say: [vote(memberId, 2 ** 53 - 1)] }],
  // a configuration in which the server that is told of it is alone
  ({ setting }, memberId) => {
    const config = `server.${setting.id}=s${setting.id}:${quorumPort}:${electionPort}:participant\nversion=100000000`;
    return [{ port: electionPort, say: [vote(memberId, 1, config)] }];
  },
  // a learner without a vote, which then asks for what nobody may ask for
  ({ peer }) => {
    const { epoch } = peer?.leader ?? { epoch: 1 };
    const joins = [learner(ownId, 0), encodePacket(PacketType.ackEpoch, 0, Buffer.alloc(4))];
    const acknowledges = encodePacket(PacketType.ack, makeZxid(epoch, 0));
    return [OpCode.exists, 999].map((type) => ({ port: quorumPort, say: [...joins, acknowledges, request(type)] }));
  },
];

/** A machine that nobody has invited, and that says on the peer ports of servers what is not so. */
export class Stranger implements Host {
  readonly isOn = true;
  readonly process: Process;
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
    // each server hears it in one name: what a quorum says has to be believed
    const memberId = this.#names.get(server) ?? otherId;
    this.#names.set(server, memberId);
    const index = Math.floor(draw * attacks.length);
    const attack = attacks[index]!;
    server.world.note(`somebody attacks ${server.name} in the name of server ${memberId}, in way ${index}`);
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
