import { encodeBody, type Request, type SubRequest } from '../raw/operations.js';
import { int32, type RecordValue, type Value } from '../raw/records.js';
import { type Knowledge, openAcl, pickAcl, pickData, pickPath, pickVersion } from './ingredients.js';
import type { Random } from './random.js';

type Make<Made> = (random: Random, known: Knowledge) => Made;

const pathOnly: Make<RecordValue> = (random, known) => ({ path: pickPath(random, known) });
const pathAndWatch: Make<RecordValue> = (random, known) => ({
  path: pickPath(random, known),
  watch: random.chance(30),
});
const pathAndVersion: Make<RecordValue> = (random, known) => {
  const path = pickPath(random, known);
  return { path, version: pickVersion(random, known, path) };
};
const pathAndType: Make<RecordValue> = (random, known) => ({
  path: pickPath(random, known),
  type: random.pick([1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 0, 6, -1]),
});

const hourMs = 3_600_000;
const flagRows = (usual: readonly (readonly [number, number])[]) =>
  [...usual, [1, 4], [1, 5], [1, 6], [1, 7], [1, -1], [1, 100]] as const;

function creation(random: Random, known: Knowledge, usualFlags: readonly (readonly [number, number])[]): RecordValue {
  const flags = random.weighted(flagRows(usualFlags));
  const path = pickPath(random, known);
  const trailing = typeof path === 'string' && (flags === 2 || flags === 3) && random.chance(10) ? '/' : '';
  return { path: trailing === '' ? path : `${path}/`, data: pickData(random), acl: pickAcl(random), flags };
}

const plainCreation: Make<RecordValue> = (random, known) =>
  creation(random, known, [
    [60, 0],
    [20, 1],
    [12, 2],
    [8, 3],
  ]);
const containerCreation: Make<RecordValue> = (random, known) =>
  creation(random, known, [
    [70, 4],
    [4, 0],
    [4, 1],
  ]);
const ttlCreation: Make<RecordValue> = (random, known) => {
  const request = creation(random, known, [
    [50, 5],
    [20, 6],
    [3, 0],
    [3, 1],
  ]);
  const ttl = random.weighted([
    [70, hourMs],
    [5, 2 ** 40 - 1],
    [3, 2 ** 40],
    [3, 0],
    [5, -1],
    [1, -5],
  ]);
  // A mode without a TTL never gets a negative TTL. ZooKeeper's checks accept such a request, and then the server ends
  // and cannot start again (see the README).
  const flags = request.flags as number;
  return { ...request, ttl: flags >= 0 && flags <= 4 ? Math.max(0, ttl) : ttl };
};
const setData: Make<RecordValue> = (random, known) => ({
  ...pathAndVersion(random, known),
  data: pickData(random),
});

/** The makers of single operations, with their weights. The operations of a multi come from the same makers. */
const makers: readonly (readonly [number, Request['operation'], Make<RecordValue>])[] = [
  [14, 'create', plainCreation],
  [8, 'create2', plainCreation],
  [4, 'createContainer', containerCreation],
  [4, 'createTTL', ttlCreation],
  [11, 'delete', pathAndVersion],
  [12, 'setData', setData],
  [7, 'exists', pathAndWatch],
  [7, 'getData', pathAndWatch],
  [4, 'getACL', pathOnly],
  [4, 'setACL', (random, known) => ({ ...pathAndVersion(random, known), acl: pickAcl(random) })],
  [5, 'getChildren', pathAndWatch],
  [5, 'getChildren2', pathAndWatch],
  [1, 'sync', pathOnly],
  [2, 'checkWatches', pathAndType],
  [3, 'removeWatches', pathAndType],
  [2, 'setWatches', (random, known) => watchLists(random, known, ['dataWatches', 'existWatches', 'childWatches'])],
  [
    2,
    'setWatches2',
    (random, known) =>
      watchLists(random, known, [
        'dataWatches',
        'existWatches',
        'childWatches',
        'persistentWatches',
        'persistentRecursiveWatches',
      ]),
  ],
  [
    4,
    'addWatch',
    (random, known) => ({ path: pickPath(random, known), mode: random.pick([0, 1, 0, 1, 0, 1, 0, 1, 2, -1]) }),
  ],
  [2, 'getEphemerals', (random, known) => ({ prefixPath: random.chance(20) ? '/' : pickPath(random, known) })],
  [2, 'getAllChildrenNumber', pathOnly],
  [1, 'whoAmI', () => ({})],
  [1, 'ping', () => ({})],
];

function watchLists(random: Random, known: Knowledge, fields: string[]): RecordValue {
  const list = () => Array.from({ length: random.below(3) }, () => pickPath(random, known) ?? known.base);
  const relativeZxid = random.pick([0, known.lastZxid, Math.max(0, known.lastZxid - random.below(200))]);
  return { relativeZxid, ...Object.fromEntries(fields.map((field): [string, Value] => [field, list()])) };
}

const writesInMulti: readonly (readonly [number, SubRequest['operation'], Make<RecordValue>])[] = [
  [6, 'create', plainCreation],
  [3, 'create2', plainCreation],
  [1, 'createContainer', containerCreation],
  [1, 'createTTL', ttlCreation],
  [4, 'delete', pathAndVersion],
  [5, 'setData', setData],
  [4, 'check', pathAndVersion],
];
const readsInMulti: readonly (readonly [number, SubRequest['operation'], Make<RecordValue>])[] = [
  [1, 'getData', pathAndWatch],
  [1, 'getChildren', pathAndWatch],
];

function pickSub(random: Random, known: Knowledge, rows: typeof writesInMulti): SubRequest {
  const [operation, make] = random.weighted(rows.map(([weight, ...row]) => [weight, row] as const));
  return { operation, value: make(random, known) };
}

function multi(random: Random, known: Knowledge): Request {
  const read = random.chance(25);
  const [own, other] = read ? [readsInMulti, writesInMulti] : [writesInMulti, readsInMulti];
  const length = random.weighted([
    [1, 0],
    [20, 1 + random.below(5)],
  ]);
  const subs = Array.from({ length }, () => pickSub(random, known, random.chance(1) ? other : own));
  return { operation: read ? 'multiRead' : 'multi', multi: random.chance(40) ? subs : subs.map(mostlyFine) };

  /**
   * Changes an operation of a multi so that it probably succeeds. Without this change, nearly every longer multi would
   * fail.
   */
  function mostlyFine(sub: SubRequest, index: number): SubRequest {
    if (sub.operation.startsWith('create')) {
      const flags = sub.operation === 'createTTL' ? 5 : sub.operation === 'createContainer' ? 4 : random.pick([0, 2]);
      const ttl = sub.operation === 'createTTL' ? { ttl: hourMs } : {};
      const path = `${known.base}/m${index}-${random.below(40)}`;
      return { operation: sub.operation, value: { path, data: pickData(random), acl: openAcl, flags, ...ttl } };
    }
    const path = known.paths.length === 0 ? known.base : random.pick(known.paths);
    return { ...sub, value: { ...sub.value, path, ...('version' in sub.value ? { version: -1 } : {}) } };
  }
}

/** A random request for which `without` returns false. */
export function makeRequest(random: Random, known: Knowledge, without: (request: Request) => boolean): Request {
  for (;;) {
    const request = anyRequest(random, known);
    if (!without(request)) return request;
  }
}

function anyRequest(random: Random, known: Knowledge): Request {
  if (random.chance(10)) return multi(random, known);
  const [operation, make] = random.weighted(makers.map(([weight, ...row]) => [weight, row] as const));
  const request: Request = { operation, value: make(random, known) };
  return random.chance(2) && operation !== 'ping' ? damage(random, request) : request;
}

/** The request with a damaged body: cut short, too long, or with an impossible length in it. */
function damage(random: Random, request: Request): Request {
  const body = encodeBody(request);
  const rawBody = random.weighted<() => Buffer>([
    [4, () => body.subarray(0, random.below(Math.max(1, body.length)))],
    [2, () => Buffer.concat([body, random.bytes(5)])],
    [1, () => Buffer.concat([int32(-5), body.subarray(4)])],
    [1, () => Buffer.concat([int32(0x7fffffff), body.subarray(4)])],
    [1, () => Buffer.alloc(0)],
  ])();
  return { ...request, rawBody };
}

const passwords = ['bob:secret', 'ann:word', 'super:test', 'nocolon', 'bob:wrong', 'a:b:c'];

export function makeAuth(random: Random): Request {
  return random.weighted<Request>([
    [8, authRequest('digest', random.pick(passwords))],
    [1, authRequest('ip', '')],
    [1, authRequest('nonsense', 'x')],
    [1, authRequest('world', 'anyone')],
  ]);
}

function authRequest(scheme: string, auth: string): Request {
  return { operation: 'auth', value: { type: 0, scheme, auth: Buffer.from(auth) } };
}

/**
 * A request whose operation code no server accepts. Codes 0 (notification) and 13 (check) exist, but not as requests of
 * their own.
 */
export function makeUnknown(random: Random): Request {
  const rawCode = random.pick([0, 13, 10, 23, 99, 108, 1_000, -1, -2, -12, 0x7fffffff]);
  return { operation: 'ping', rawCode, rawBody: random.bytes(random.below(12)) };
}

/** Requests that create the same quota nodes as zkCli's setquota. The limits are so small that the run reaches them. */
export function makeQuota(random: Random, known: Knowledge): Request[] {
  const count = random.pick([-1, 3, 15]);
  const hard = random.pick([-1, 20, 40]);
  const limits = `count=${count},bytes=${random.pick([-1, 2_000])}=;byteHardLimit=-1;countHardLimit=${hard}`;
  const node = (path: string, data: string): Request => ({
    operation: 'create',
    value: { path, data: Buffer.from(data), acl: openAcl, flags: 0 },
  });
  const root = `/zookeeper/quota${known.base}`;
  return [
    node(root, ''),
    node(`${root}/zookeeper_limits`, limits),
    node(`${root}/zookeeper_stats`, 'count=0,bytes=0'),
    { operation: 'setData', value: { path: `${root}/zookeeper_limits`, data: Buffer.from(limits), version: -1 } },
    { operation: 'getData', value: { path: `${root}/zookeeper_stats`, watch: true } },
  ];
}
