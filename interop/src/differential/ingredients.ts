import type { RecordValue, Value } from '../raw/records.js';
import type { Random } from './random.js';

/** What the generator has learned from replies: the names of existing nodes, and their versions. */
export interface Knowledge {
  /**
   * The root of the subtree that requests use. From time to time a new subtree replaces it, because an ACL may exclude
   * all clients from the old one.
   */
  base: string;
  /**
   * True if nodes below `base` may have quotas. Requests are then sent one at a time, because ZooKeeper checks a quota
   * against the tree of the already applied writes.
   */
  quotas: boolean;
  paths: string[];
  versions: Map<string, number>;
  lastZxid: number;
}

const names = ['a', 'b', 'c', 'd'];
const specialPaths = ['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config', '/zookeeper/none'];
/**
 * The quota node of the base, without its children for limits and statistics. If a request wrote other data to these
 * children, ZooKeeper would shut down, or reject each later create and setData below the base (see the README).
 */
const quotaPaths = ['/zookeeper/quota/base'];
const badPaths: Value[] = [
  '',
  null,
  'a',
  'no/slash',
  '//',
  '/base/',
  '/base//a',
  '/base/./a',
  '/base/../a',
  '/base/..',
  '/base/.',
  '/base/a\0b',
  '/base/a\u0001',
  '/base/\u007f',
  '/base/\u009f',
  '/base/\uf8ff',
  '/base/\uffff',
  '/base/\ufff0a',
  '/base/\u{1f600}',
  Buffer.from('/base/\xff\xfe', 'latin1'),
  Buffer.from('/base/\xed\xa0\x80', 'latin1'),
];

export function pickPath(random: Random, known: Knowledge): Value {
  return random.weighted<() => Value>([
    [55, () => freshPath(random, known.base)],
    [35, () => (known.paths.length === 0 ? known.base : random.pick(known.paths))],
    [4, () => random.pick(known.quotas ? [...specialPaths, ...quotaPaths] : specialPaths).replace('/base', known.base)],
    [4, () => badPath(random, known.base)],
  ])();
}

function badPath(random: Random, base: string): Value {
  const path = random.pick(badPaths);
  if (Buffer.isBuffer(path)) return Buffer.concat([Buffer.from(base), path.subarray(5)]);
  return path === null ? null : (path as string).replace('/base', base);
}

function freshPath(random: Random, base: string): string {
  const depth = random.weighted([
    [5, 0],
    [45, 1],
    [35, 2],
    [15, 3],
  ]);
  let path = base;
  for (let level = 0; level < depth; level++) path += `/${random.chance(4) ? 'é中' : random.pick(names)}`;
  return path;
}

export function pickVersion(random: Random, known: Knowledge, path: Value): number {
  const right = typeof path === 'string' ? known.versions.get(path) : undefined;
  return random.weighted([
    [55, -1],
    [30, right ?? 0],
    [5, 0],
    [5, 1],
    [2, -2],
    [2, 2_147_483_647],
    [1, -2_147_483_648],
  ]);
}

export function pickData(random: Random): Buffer | null {
  return random.weighted<() => Buffer | null>([
    [5, () => null],
    [5, () => Buffer.alloc(0)],
    [85, () => random.bytes(1 + random.below(40))],
    [4, () => random.bytes(500 + random.below(2_000))],
    [1, () => Buffer.alloc(100_000, 120)],
  ])();
}

const entry = (perms: number, scheme: Value, id: Value): RecordValue => ({ perms, id: { scheme, id } });
const open = entry(31, 'world', 'anyone');
/** The user and base64(SHA-1(user:password)) of bob:secret and ann:word. */
const bob = 'bob:fyVmFCwVbTJYrznoSu1koqYEYF0=';

const aclLists: readonly (readonly [number, Value[] | null])[] = [
  [60, [open]],
  [5, [entry(1, 'world', 'anyone')]],
  [3, [entry(15, 'world', 'anyone')]],
  [4, [entry(31, 'digest', bob)]],
  [4, [entry(31, 'digest', bob), entry(1, 'world', 'anyone')]],
  [4, [entry(31, 'auth', '')]],
  [2, [entry(5, 'auth', 'ignored'), entry(2, 'digest', bob)]],
  [3, [entry(31, 'ip', '127.0.0.1')]],
  [2, [entry(31, 'ip', '127.0.0.0/8')]],
  [2, [entry(31, 'ip', '10.0.0.0/8')]],
  [1, [entry(31, 'ip', '::1')]],
  [1, [entry(31, 'ip', '127.0.0.1/33')]],
  [1, [entry(31, 'ip', 'not an address')]],
  [1, [open, open, entry(1, 'world', 'anyone')]],
  [1, []],
  [1, null],
  [1, [entry(31, 'world', 'someone')]],
  [1, [entry(31, 'nonsense', 'x')]],
  [1, [entry(31, null, null)]],
  [1, [open, entry(31, 'world', null)]],
  [1, [entry(31, 'digest', null)]],
  [1, [entry(31, 'auth', null)]],
  [1, [entry(31, 'nonsense', null)]],
  [1, [entry(31, 'digest', 'nocolon')]],
  [1, [entry(31, 'digest', 'u:')]],
  [1, [entry(31, 'digest', ':h')]],
  [1, [entry(31, 'digest', 'a:b:c')]],
  [1, [entry(31, 'super', 'x')]],
  [1, [entry(0, 'world', 'anyone')]],
  [1, [entry(-1, 'world', 'anyone')]],
  [1, [entry(255, 'world', 'anyone')]],
];

export function pickAcl(random: Random): Value {
  return random.weighted(aclLists);
}

export const openAcl: Value = [open];
