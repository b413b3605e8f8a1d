import type { Random } from '../differential/random.js';
import { int32 } from '../raw/records.js';
import { type Attack, exchange, mutated, type Victim } from './attack.js';

const looking = 0;

interface Notification {
  readonly state: number;
  readonly leader: bigint;
  readonly zxid: bigint;
  readonly round: bigint;
  readonly peerEpoch: bigint;
  readonly config: string;
}

export function long(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt.asIntN(64, value));
  return bytes;
}

/** The message that a server sends first on a connection to another server's election port. */
export function hello(serverId: bigint, address: string, version = -65_536n): Buffer {
  const text = Buffer.from(address);
  return Buffer.concat([long(version), long(serverId), int32(text.length), text]);
}

/** Adds the length prefix to a message for the election port. */
function framed(body: Buffer): Buffer {
  return Buffer.concat([int32(body.length), body]);
}

export function notification({ state, leader, zxid, round, peerEpoch, config }: Notification): Buffer {
  const text = Buffer.from(config);
  const numbers = [long(leader), long(zxid), long(round), long(peerEpoch)];
  return framed(Buffer.concat([int32(state), ...numbers, int32(2), int32(text.length), text]));
}

const modest: Notification = { state: looking, leader: 1n, zxid: 0n, round: 1n, peerEpoch: 0n, config: '' };
const address = '127.0.0.1:1';
const extremes = [0n, -1n, 1n << 31n, 1n << 53n, (1n << 63n) - 1n, -(1n << 63n), (1n << 52n) + 1n];

/** A random server id. Usually it is the id of a member, because servers trust members more than strangers. */
function someId(random: Random): bigint {
  return random.chance(70) ? BigInt(1 + random.below(3)) : random.pick([0n, 99n, -1n, (1n << 63n) - 1n, 1n << 40n]);
}

async function say(victim: Victim, random: Random, messages: readonly Buffer[], waitMs = 60): Promise<void> {
  await exchange(victim.electionPort!, [hello(someId(random), address), ...messages], waitMs);
}

const attacks: Record<string, (victim: Victim, random: Random) => Promise<void>> = {
  async 'impossible addresses'(victim, random) {
    const addresses = [
      '127.0.0.1:99999',
      '127.0.0.1:0',
      '127.0.0.1:99999999999999999999',
      `${'x'.repeat(300)}:1`,
      '\u0000:1',
      '256.256.256.256:65536',
      '[::1]:-1',
      '127.0.0.1:1|127.0.0.1:70000|',
      '\u009b31m:1',
    ];
    for (const text of addresses) {
      const version = text.includes('|') ? -65_535n : -65_536n;
      for (const id of [0n, someId(random)])
        await exchange(victim.electionPort!, [hello(id, text, version), notification(modest)], 30);
    }
  },
  async 'invalid hello messages'(victim, random) {
    const whole = hello(someId(random), address);
    for (const version of extremes) await exchange(victim.electionPort!, [hello(1n, address, version)], 20);
    for (const length of [0, -1, 0x7fffffff, 2049]) {
      const changed = Buffer.from(whole);
      changed.writeInt32BE(length, 16);
      await exchange(victim.electionPort!, [changed], 20);
    }
    for (let count = 0; count < 10; count++) await exchange(victim.electionPort!, [mutated(random, whole)], 20);
    await exchange(victim.electionPort!, [random.bytes(100)], 20);
  },
  async 'messages with impossible lengths'(victim, random) {
    for (const length of [0, -1, 27, 524_289, 0x7fffffff, -0x80000000]) {
      await say(victim, random, [int32(length), random.bytes(50)], 30);
    }
    await say(victim, random, [int32(500_000), ...Array.from({ length: 200 }, () => random.bytes(10))]);
  },
  async 'votes with impossible numbers'(victim, random) {
    for (const field of ['leader', 'zxid', 'round', 'peerEpoch'] as const) {
      const votes = extremes.map((value) => notification({ ...modest, [field]: value }));
      await say(victim, random, votes);
    }
    for (const state of [-1, 4, 0x7fffffff]) await say(victim, random, [notification({ ...modest, state })], 20);
  },
  async 'a claim to lead, follow and observe'(victim, random) {
    const votes = [1, 2, 3].flatMap((state) =>
      extremes.map((round) => notification({ ...modest, state, round, leader: someId(random), zxid: 1n << 40n })),
    );
    await say(victim, random, votes);
  },
  async 'configurations of a lone voter'(victim, random) {
    const { serverId, electionPort, quorumPort } = victim;
    const lone = `server.${serverId}=127.0.0.1:${quorumPort}:${electionPort}:participant;127.0.0.1:1`;
    const configs = [
      `${lone}\nversion=ffffffff`,
      `${lone}\nversion=7fffffffffffffff`,
      `server.7=127.0.0.1:1:2:participant;3\nversion=fffffff`,
      `${lone}`,
      `version=ffffffff`,
      `${'server.1=x:1:2\n'.repeat(5_000)}version=ffffff`,
      `group.1=1:2\nweight.1=-1\n${lone}\nversion=fffffff`,
      `version=${'f'.repeat(1000)}`,
    ];
    for (const config of configs) await say(victim, random, [notification({ ...modest, config })], 30);
  },
  async 'mutated votes'(victim, random) {
    const config = 'server.1=127.0.0.1:1:2:participant;127.0.0.1:3\nversion=0';
    const votes = Array.from({ length: 30 }, () => {
      const body = notification({ ...modest, round: BigInt(random.below(9)), config }).subarray(4);
      return framed(mutated(random, body));
    });
    await say(victim, random, votes);
  },
  async 'noise after a hello'(victim, random) {
    for (let count = 0; count < 5; count++) await say(victim, random, [random.bytes(200)], 20);
  },
  async 'callers that send nothing'(victim) {
    await Promise.all(Array.from({ length: 50 }, () => exchange(victim.electionPort!, [], 100)));
  },
};

export const electionAttacks: Attack[] = Object.entries(attacks).map(([name, run]) => ({
  name,
  port: 'electionPort',
  run,
}));
