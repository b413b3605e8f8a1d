import type { Random } from '../differential/random.js';
import { fourLetterWord } from '../peers/index.js';
import { encodeRecord, int32 } from '../raw/records.js';
import { type Attack, exchange, mutated, type Victim } from './attack.js';
import { hello, long, notification } from './election-attacks.js';
import { learnerInfo, packetTypes, QuorumConnection, quorumPacket } from './quorum-connection.js';

const stages = ['greeting', 'epoch', 'synchronisation', 'service'] as const;
type Stage = (typeof stages)[number];

const world = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
const strangerId = 99n;

/**
 * Connects to a leader and follows the protocol of a learner up to `stage`. The attacker sends the id of a stranger or
 * of a member. The real member with this id stays connected to the leader.
 */
async function learner(victim: Victim, random: Random, stage: Stage): Promise<QuorumConnection> {
  const connection = QuorumConnection.to(victim.quorumPort!);
  if (stage === 'greeting') return connection;
  const id = random.chance(70) ? BigInt(1 + random.below(3)) : strangerId;
  connection.send(quorumPacket(packetTypes.observerInfo, 0n, learnerInfo(id)));
  const info = await connection.next(packetTypes.leaderInfo);
  if (stage === 'epoch' || info === undefined) return connection;
  const zxid = BigInt(/^Zxid: (\S+)/m.exec(await fourLetterWord(victim.clientPort, 'srvr').catch(() => ''))?.[1] ?? 0);
  connection.send(quorumPacket(packetTypes.ackEpoch, zxid, int32(-1)));
  if (stage === 'synchronisation') return connection;
  const newLeader = await connection.next(packetTypes.newLeader);
  connection.send(quorumPacket(packetTypes.ack, newLeader?.zxid ?? 0n));
  await connection.next(packetTypes.upToDate);
  return connection;
}

function request(type: number, body: Buffer, sessionId = 77n): Buffer {
  return quorumPacket(packetTypes.request, -1n, Buffer.concat([long(sessionId), int32(1), int32(type), body]));
}

function create(random: Random): Buffer {
  const path = `/hostile-forwarded-${random.below(1e9)}`;
  return encodeRecord('CreateRequest', { path, data: Buffer.alloc(0), acl: world, flags: 0 });
}

/**
 * Packets that a learner never sends in this form. Valid acknowledgements of proposals are not among them, because a
 * leader must trust the acknowledgements of members.
 */
function nonsense(random: Random): Buffer[] {
  const types = [3, 4, 999, -1, 0, 8, 12, 17, 20, 100, 104, 0x7fffffff, -0x80000000];
  const noise = random.bytes(1 + random.below(60));
  const giant = quorumPacket(packetTypes.request, 0n);
  giant.writeInt32BE(0x7fffffff, 12);
  const manyIds = quorumPacket(packetTypes.request, 0n);
  manyIds.writeInt32BE(0x7fffffff, 16);
  return [
    ...types.map((type) => request(type, create(random))),
    ...[1, 2, 5, 7, 14, 15, 16, 19, 20, 21, -10, -11].map((type) => request(type, noise)),
    ...[1, 14, -10, -11].map((type) => request(type, Buffer.alloc(0))),
    quorumPacket(packetTypes.request, -1n),
    quorumPacket(packetTypes.request, -1n, Buffer.alloc(15)),
    ...Object.values(packetTypes).flatMap((type) => [quorumPacket(type, 0n, noise), quorumPacket(type, -1n)]),
    quorumPacket(packetTypes.ack, (1n << 63n) - 1n),
    quorumPacket(packetTypes.ack, -(1n << 63n)),
    quorumPacket(0, 0n),
    quorumPacket(-1, 0n),
    quorumPacket(20, 0n),
    quorumPacket(0x7fffffff, 0n),
    giant,
    manyIds,
    noise,
  ];
}

async function attackStage(victim: Victim, random: Random, stage: Stage): Promise<void> {
  const connection = await learner(victim, random, stage);
  const packets = nonsense(random);
  const chosen = Array.from({ length: 1 + random.below(4) }, () => random.pick(packets));
  connection.send(...chosen.map((packet) => (random.chance(30) ? mutated(random, packet) : packet)));
  await connection.end(40);
}

const attacks: Record<string, (victim: Victim, random: Random) => Promise<void>> = {
  ...Object.fromEntries(
    stages.map((stage) => [
      `nonsense in the stage of ${stage}`,
      async (victim: Victim, random: Random) => {
        for (let count = 0; count < 10; count++) await attackStage(victim, random, stage);
      },
    ]),
  ),
  async 'each kind of nonsense from a synchronised learner'(victim, random) {
    for (const packet of nonsense(random)) {
      const connection = await learner(victim, random, 'service');
      connection.send(packet);
      await connection.end(10);
    }
  },
  async 'impossible accepted epochs'(victim, random) {
    for (const epoch of [(1n << 21n) - 2n, (1n << 21n) - 1n, 1n << 21n, (1n << 31n) - 1n, -1n, 1n << 20n]) {
      for (const id of [1n, 2n, 3n, strangerId]) {
        for (const type of [packetTypes.followerInfo, packetTypes.observerInfo]) {
          const connection = QuorumConnection.to(victim.quorumPort!);
          connection.send(quorumPacket(type, epoch << 32n, learnerInfo(id)));
          const vote = { state: 0, leader: id, zxid: 0n, round: 1n, peerEpoch: 0n, config: '' };
          await exchange(victim.electionPort!, [hello(id, '127.0.0.1:1'), notification(vote)], 20);
          await connection.end(20);
        }
      }
    }
    await exchange(victim.quorumPort!, [random.bytes(64)], 20);
  },
  async 'a large packet byte by byte'(victim, random) {
    const connection = await learner(victim, random, 'service');
    const packet = quorumPacket(packetTypes.request, 0n, Buffer.alloc(900_000));
    connection.send(packet.subarray(0, 800_000));
    for (let at = 800_000; at < 800_400; at++) {
      connection.send(packet.subarray(at, at + 1));
      if (at % 4 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await connection.end(20);
  },
  async 'learners that become silent'(victim, random) {
    const silent = await Promise.all(
      Array.from({ length: 20 }, () => learner(victim, random, random.pick(['greeting', 'epoch', 'service'] as const))),
    );
    await Promise.all(silent.map((connection) => connection.end(100)));
  },
};

export const quorumAttacks: Attack[] = Object.entries(attacks).map(([name, run]) => ({
  name,
  port: 'quorumPort',
  run,
}));
