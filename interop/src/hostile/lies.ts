import type { Random } from '../differential/random.js';
import { encodeRecord, int32 } from '../raw/records.js';
import { mutated } from './attack.js';
import { long } from './election-attacks.js';
import { packetTypes, quorumPacket } from './quorum-connection.js';

/** A transaction with its header, as the body of a proposal. The type may be invalid. */
function txn(zxid: bigint, type: number, body: Buffer): Buffer {
  return Buffer.concat([long(1n), int32(1), long(zxid), long(0n), int32(type), body]);
}

/** What a lying leader sends to one learner. */
interface Lie {
  readonly name: string;
  /** Sent in place of LEADERINFO. */
  leaderInfo?(epoch: bigint): Buffer;
  /** Sent after the learner's promise (ACKEPOCH). */
  readonly history?: History;
}

type History = (epoch: bigint, learnerZxid: bigint, random: Random) => Buffer[];

const { leaderInfo, diff, snap, proposal, commit, newLeader, upToDate, request } = packetTypes;
const version = int32(0x10000);

function epochOf(epoch: bigint): () => Buffer {
  return () => quorumPacket(leaderInfo, epoch << 32n, version);
}

function proposed(body: (zxid: bigint) => Buffer, count = 1n): History {
  return (_epoch, learnerZxid) => {
    const zxid = learnerZxid + count;
    const packets = [quorumPacket(proposal, zxid, body(zxid)), quorumPacket(commit, zxid)];
    return [quorumPacket(diff, zxid), ...packets, quorumPacket(newLeader, 0n), quorumPacket(upToDate, 0n)];
  };
}

function streamed(bytes: Buffer): History {
  return (_epoch, learnerZxid) => [quorumPacket(snap, learnerZxid), bytes];
}

const magic = Buffer.concat([Buffer.from('ZKSN'), int32(2), long(-1n)]);
const oneSession = Buffer.concat([int32(1), long(5n), int32(1000)]);

export const lies: readonly Lie[] = [
  ...[(1n << 31n) - 1n, (1n << 21n) - 1n, 1n << 21n, 1n << 20n, -1n, 0n].map((epoch) => ({
    name: `epoch ${epoch}`,
    leaderInfo: epochOf(epoch),
  })),
  { name: 'a LEADERINFO without a version', leaderInfo: (epoch) => quorumPacket(leaderInfo, epoch << 32n) },
  { name: 'a REQUEST in place of LEADERINFO', leaderInfo: () => quorumPacket(request, 0n) },
  { name: 'an empty proposal', history: proposed(() => Buffer.alloc(0)) },
  { name: 'half a header', history: proposed((zxid) => txn(zxid, 1, Buffer.alloc(0)).subarray(0, 20)) },
  { name: 'a txn of an invalid type', history: proposed((zxid) => txn(zxid, 999, Buffer.alloc(8))) },
  { name: 'a txn of a read', history: proposed((zxid) => txn(zxid, 4, Buffer.alloc(8))) },
  { name: 'a create of noise', history: proposed((zxid) => txn(zxid, 1, Buffer.from('ffff00ff00ff', 'hex'))) },
  { name: 'a multi of noise', history: proposed((zxid) => txn(zxid, 14, int32(0x7fffffff))) },
  { name: 'a header with another zxid', history: proposed(() => txn(7n, -11, Buffer.alloc(0))) },
  { name: 'a proposal far ahead', history: proposed((zxid) => txn(zxid, -11, Buffer.alloc(0)), 1n << 20n) },
  {
    name: 'a commit of nothing',
    history: (_epoch, zxid) => [quorumPacket(diff, zxid), quorumPacket(commit, zxid + 5n)],
  },
  { name: 'UPTODATE at once', history: (_epoch, zxid) => [quorumPacket(diff, zxid), quorumPacket(upToDate, 0n)] },
  {
    name: 'an invalid configuration',
    history: (epoch, zxid) => [
      quorumPacket(diff, zxid),
      quorumPacket(newLeader, epoch << 32n, Buffer.from('server.1=x\nversion=ffffff')),
    ],
  },
  { name: 'TRUNC to the future', history: (_epoch, zxid) => [quorumPacket(14, zxid + (1n << 40n))] },
  { name: 'TRUNC to before the beginning', history: () => [quorumPacket(14, -1n)] },
  { name: 'a snapshot of noise', history: streamed(Buffer.from('ab'.repeat(400), 'hex')) },
  { name: 'a snapshot with 2^31 sessions', history: streamed(Buffer.concat([magic, int32(0x7fffffff)])) },
  { name: 'a path of 2 GB', history: streamed(Buffer.concat([magic, oneSession, int32(0), int32(0x7fffffff)])) },
  { name: 'a path of -5 bytes', history: streamed(Buffer.concat([magic, oneSession, int32(0), int32(-5)])) },
  {
    name: 'noise in a snapshot',
    history: (_epoch, zxid, random) => [
      quorumPacket(snap, zxid),
      mutated(random, Buffer.concat([magic, oneSession, int32(0), int32(1), Buffer.from('/'), random.bytes(100)])),
    ],
  },
  {
    name: 'packets of every type',
    history: (_epoch, zxid, random) => [
      quorumPacket(diff, zxid),
      quorumPacket(random.below(25), zxid, random.bytes(random.below(40))),
    ],
  },
  {
    name: 'mutated proposals',
    history: (_epoch, zxid, random) => {
      const value = { path: '/from-a-hostile-leader', data: Buffer.alloc(4), acl: [], flags: 0 };
      const body = txn(zxid + 1n, 1, encodeRecord('CreateRequest', value));
      return [quorumPacket(diff, zxid), mutated(random, quorumPacket(proposal, zxid + 1n, body))];
    },
  },
];
