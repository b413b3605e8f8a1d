import type { Random } from '../differential/random.js';
import { RawConnection, type Session } from '../raw/connection.js';
import { encodeFrame, type Request, withLength } from '../raw/operations.js';
import { encodeRecord, int32, type RecordValue } from '../raw/records.js';
import { type Attack, exchange, mutated, type Victim } from './attack.js';

const world = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
const path = '/hostile';
const deepLevels = 400;

function create(at: string, acl: RecordValue[] = world, data = ''): Request {
  return { operation: 'create', value: { path: at, data: Buffer.from(data), acl, flags: 0 } };
}

/** A valid request of each kind. Attacks send mutated copies of these requests. All paths are below /hostile. */
const valid: Request[] = [
  create(`${path}/a`),
  { operation: 'create2', value: { path: `${path}/b`, data: Buffer.from('x'), acl: world, flags: 3 } },
  { operation: 'createContainer', value: { path: `${path}/c`, data: null, acl: world, flags: 4 } },
  { operation: 'createTTL', value: { path: `${path}/t`, data: null, acl: world, flags: 5, ttl: 1000n } },
  { operation: 'delete', value: { path: `${path}/a`, version: -1 } },
  { operation: 'deleteContainer', value: { path: Buffer.from(`${path}/c`) } },
  { operation: 'exists', value: { path: `${path}/a`, watch: true } },
  { operation: 'getData', value: { path: `${path}/a`, watch: true } },
  { operation: 'setData', value: { path: `${path}/a`, data: Buffer.from('y'), version: -1 } },
  { operation: 'getACL', value: { path: `${path}/a` } },
  { operation: 'setACL', value: { path: `${path}/a`, acl: world, version: -1 } },
  { operation: 'getChildren2', value: { path, watch: true } },
  { operation: 'sync', value: { path } },
  { operation: 'multi', multi: [{ operation: 'check', value: { path, version: -1 } }] },
  { operation: 'multiRead', multi: [{ operation: 'getData', value: { path, watch: false } }] },
  { operation: 'checkWatches', value: { path, type: 1 } },
  { operation: 'removeWatches', value: { path, type: 3 } },
  { operation: 'auth', value: { type: 0, scheme: 'digest', auth: Buffer.from('a:b') } },
  {
    operation: 'setWatches2',
    value: {
      relativeZxid: 0n,
      dataWatches: [path],
      existWatches: [`${path}/x`],
      childWatches: [path],
      persistentWatches: [path],
      persistentRecursiveWatches: [path],
    },
  },
  { operation: 'getEphemerals', value: { prefixPath: '/' } },
  { operation: 'getAllChildrenNumber', value: { path } },
  { operation: 'addWatch', value: { path, mode: 1 } },
  { operation: 'whoAmI' },
  { operation: 'ping' },
  { operation: 'closeSession' },
];

/** How long an attack waits for all its replies, in ms. */
const floodMs = 8_000;

/** Sends many requests at once in one session, and discards the replies. The last request closes the session. */
async function pipelined(victim: Victim, requests: readonly Request[]): Promise<void> {
  const frames = [...requests, closeSession].map((request, xid) => encodeFrame(xid, request));
  await exchange(victim.clientPort, [connectFrame(noSession), Buffer.concat(frames)], floodMs);
}

function many(count: number, request: (index: number) => Request): Request[] {
  return Array.from({ length: count }, (_item, index) => request(index));
}

function connectFrame(session: Session, timeoutMs = 5_000): Buffer {
  return withLength(
    encodeRecord('ConnectRequest', {
      protocolVersion: 0,
      lastZxidSeen: 0n,
      timeOut: timeoutMs,
      sessionId: session.id,
      passwd: session.password,
      readOnly: false,
    }),
  );
}

const noSession: Session = { id: 0n, password: Buffer.alloc(16) };
const closeSession: Request = { operation: 'closeSession' };

function name(random: Random): string {
  return `${path}/n${random.below(1e9)}`;
}

const attacks: Record<string, (victim: Victim, random: Random) => Promise<void>> = {
  async 'an id of colons'(victim, random) {
    const acl = [{ perms: 31, id: { scheme: 'digest', id: ':'.repeat(160_000) } }];
    await pipelined(victim, [create(path), create(name(random), acl), create(name(random), acl)]);
  },
  async 'reads of a node with thousands of ACL entries'(victim, random) {
    const node = name(random);
    const acl = many(35_000, () => create(node)).map((_item, index) => ({
      perms: 1,
      id: { scheme: 'ip', id: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}` },
    }));
    const exists: Request = { operation: 'getData', value: { path: node, watch: false } };
    await pipelined(victim, [create(path), create(node, acl), ...many(2_000, () => exists), drop(node)]);
  },
  async 'a chunk of getEphemerals'(victim, random) {
    const ephemeral = (index: number): Request => ({
      operation: 'create',
      value: { path: `${path}/e${random.below(1e9)}-${index}`, data: null, acl: world, flags: 1 },
    });
    const ask: Request = { operation: 'getEphemerals', value: { prefixPath: '/' } };
    await pipelined(victim, [create(path), ...many(1_000, ephemeral), ...many(2_000, () => ask)]);
  },
  async 'a chunk of getAllChildrenNumber and multiReads'(victim) {
    const count: Request = { operation: 'getAllChildrenNumber', value: { path: '/' } };
    const children = { operation: 'getChildren' as const, value: { path, watch: false } };
    const reads: Request = { operation: 'multiRead', multi: Array.from({ length: 200 }, () => children) };
    await pipelined(victim, [...many(1_000, () => count), ...many(20, () => reads)]);
  },
  async 'writes far below a recursive watch'(victim, random) {
    const top = name(random);
    const levels = many(deepLevels, (index) => create(top + '/d'.repeat(index)));
    const deepest = top + '/d'.repeat(deepLevels - 1);
    const write: Request = { operation: 'setData', value: { path: deepest, data: null, version: -1 } };
    const watch: Request = { operation: 'addWatch', value: { path: '/', mode: 1 } };
    const drops = many(deepLevels, (index) => drop(top + '/d'.repeat(deepLevels - 1 - index)));
    await pipelined(victim, [create(path), watch, ...levels, ...many(1_000, () => write), ...drops]);
  },
  async 'watches on paths of a megabyte'(victim, random) {
    const base = `/${'w'.repeat(900_000)}`;
    const watch = (index: number): Request => ({
      operation: 'exists',
      value: { path: `${base}${random.below(1e9)}-${index}`, watch: true },
    });
    await pipelined(victim, many(40, watch));
  },
  async 'an ACL of its own for each of many nodes'(victim, random) {
    const nodes = many(1_000, () => create(name(random), [{ perms: 31, id: { scheme: 'digest', id: idOf(random) } }]));
    const drops = nodes.map((node) => drop(node.value!.path as string));
    await pipelined(victim, [create(path), ...nodes, ...drops]);
  },
  async 'many identities'(victim, random) {
    const auth = (): Request => ({
      operation: 'auth',
      value: { type: 0, scheme: 'digest', auth: Buffer.from(`${random.below(1e9)}:p`) },
    });
    await pipelined(victim, many(3_000, auth));
  },
  async 'control characters and long lines'(victim, random) {
    const text = `${'\u009b31m\u001b[2J\r\n\u2028'.repeat(1 + random.below(4_000))}`;
    const auth: Request = { operation: 'auth', value: { type: 0, scheme: text, auth: Buffer.from(text) } };
    await pipelined(victim, [auth]);
    await pipelined(victim, [create(`/${text}`)]);
  },
  async 'consecutive requests that cannot be decoded'(victim, random) {
    const noise = (): Request => ({ operation: 'create', rawBody: random.bytes(random.below(40)) });
    await pipelined(victim, many(500, noise));
  },
  async 'operations that are not for clients'(victim) {
    for (const rawCode of [-10, -1, 16, 20, 102, 999, 0x7fffffff, -0x80000000]) {
      await pipelined(victim, [{ operation: 'create', rawCode, rawBody: Buffer.alloc(30) }]);
    }
  },
  async 'sessions of others with a wrong password'(victim, random) {
    const other = await RawConnection.open(victim.clientPort, { timeoutMs: 5_000 });
    if (other.closed) return;
    await exchange(victim.clientPort, [connectFrame({ id: other.session.id, password: random.bytes(16) })]);
    const isGone = other.closed;
    other.destroy();
    if (isGone) throw new Error('a wrong password disconnected the client of a session');
  },
  async 'frames with impossible lengths'(victim, random) {
    for (const length of [-1, 0, 1, 0x7fffffff, -0x80000000, 0xffffff]) {
      const frame = Buffer.concat([connectFrame(noSession), int32(length), random.bytes(20)]);
      await exchange(victim.clientPort, [frame], 30);
    }
  },
  async 'a handshake byte by byte, and half a handshake'(victim) {
    const frame = connectFrame(noSession);
    await exchange(
      victim.clientPort,
      Array.from(frame, (byte) => Buffer.of(byte)),
    );
    await exchange(victim.clientPort, [frame.subarray(0, frame.length >> 1)]);
  },
  async 'mutated handshakes'(victim, random) {
    for (let count = 0; count < 10; count++) {
      await exchange(victim.clientPort, [mutated(random, connectFrame(noSession))], 20);
    }
  },
  async 'mutated requests'(victim, random) {
    const frames = many(20, () => random.pick(valid)).map((request, xid) => {
      const frame = encodeFrame(xid, request);
      return random.chance(70) ? mutated(random, frame) : frame;
    });
    await exchange(victim.clientPort, [connectFrame(noSession), ...frames]);
  },
  async noise(victim, random) {
    for (let count = 0; count < 5; count++) await exchange(victim.clientPort, [random.bytes(200)], 20);
  },
  async 'a storm of connections'(victim) {
    await Promise.all(Array.from({ length: 200 }, () => exchange(victim.clientPort, [connectFrame(noSession)], 50)));
  },
  async 'a client that sends requests and does not read'(victim) {
    const ask: Request = { operation: 'getChildren', value: { path: '/', watch: true } };
    const frames = many(10_000, () => ask).map((request, xid) => encodeFrame(xid, request));
    await exchange(victim.clientPort, [connectFrame(noSession), Buffer.concat(frames)], 200, false);
  },
};

function drop(at: string): Request {
  return { operation: 'delete', value: { path: at, version: -1 } };
}

function idOf(random: Random): string {
  return `u${random.below(1e9)}:${random.bytes(20).toString('base64')}`;
}

export const clientAttacks: Attack[] = Object.entries(attacks).map(([title, run]) => ({
  name: title,
  port: 'clientPort',
  run,
}));
