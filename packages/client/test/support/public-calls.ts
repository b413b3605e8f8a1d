import { connect, digestId, json, OPEN_ACL, ZooKeeper } from '../../src/index.js';

/** The only empty object in `everything`. The tests recognise it by its identity. */
const emptyObject = {};

/** Values for wrong arguments: at least one of each type, and numbers that are often invalid. */
export const everything: readonly unknown[] = [
  null,
  true,
  false,
  -5,
  0,
  1,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  '',
  'x',
  '5',
  5n,
  2n ** 70n,
  Symbol('x'),
  () => {},
  class {},
  emptyObject,
  { x: 1 },
  [],
  [{}],
  [null],
  [{ scheme: 'world', id: 'anyone' }],
  [{ scheme: 'world', id: 'anyone', perms: 'cdrwa' }],
  [{ scheme: 'digest', auth: 5 }],
  new Date(),
  new Map(),
  new Error('x'),
  /x/,
  Promise.resolve(),
  Buffer.from('x'),
  new ArrayBuffer(1),
  new AbortController(),
  AbortSignal.abort(),
];

/** Returns true if a value is valid for an argument. The value is undefined or an entry of `everything`. */
type Good = (value: unknown) => boolean;

const none: Good = () => false;
const text: Good = (value) => typeof value === 'string';
const flag: Good = (value) => typeof value === 'boolean';
const callback: Good = (value) => typeof value === 'function';
const timeMs: Good = (value) => typeof value === 'number' && value >= 0 && value <= 0x7fffffff;
const positive: Good = (value) => value === 1 || value === 0.5;
const version: Good = (value) => Number.isInteger(value) && (value as number) >= -1 && (value as number) <= 0x7fffffff;
const bytesOrText: Good = (value) => text(value) || value instanceof Uint8Array;
const bytesTextOrNull: Good = (value) => bytesOrText(value) || value === null;
const signal: Good = (value) => value instanceof AbortSignal;
const emptyList: Good = (value) => Array.isArray(value) && value.length === 0;
export const empty: Good = (value) => value === emptyObject;
/** Accepts any object, because Node checks the content of TLS options. */
const tlsOptions: Good = (value) => value === true || (typeof value === 'object' && value !== null);

interface Place {
  /** The name of the argument in error texts. */
  readonly name: string;
  readonly good: Good;
  /** True if the argument may be undefined, which selects a default. */
  readonly isOptional: boolean;
}

/** A public function, with valid arguments, and a check for each argument. */
export interface PublicCall {
  readonly call: (zk: Loose, ...words: unknown[]) => unknown;
  readonly good: readonly unknown[];
  readonly places: readonly Place[];
  /** The checks of the properties of the last argument, the options. */
  readonly options: Readonly<Record<string, Good>>;
  readonly optionsName: string;
}

/** The type of the client in plain JavaScript, where any method name can be called. */
type Loose = Record<Chained, LooseMethod> & Record<string, LooseMethod>;
type Chained =
  | 'transaction'
  | 'multiRead'
  | 'create'
  | 'set'
  | 'delete'
  | 'check'
  | 'commit'
  | 'get'
  | 'children'
  | 'run';
type LooseMethod = (...words: unknown[]) => Loose;

const place = (name: string, good: Good, isOptional = false): Place => ({ name, good, isOptional });
const path = place('path', none);
const pathOrDefault = place('path', none, true);
const data = place('data', bytesTextOrNull, true);
const limits = { signal, timeoutMs: timeMs };
const creation = { mode: none, acl: emptyList, ttlMs: none, codec: none };
const reading = { ...limits, watch: callback };
const writing = { ...limits, version };
const connecting = {
  sessionTimeoutMs: positive,
  connectTimeoutMs: timeMs,
  requestTimeoutMs: timeMs,
  readOnly: flag,
  session: none,
  renewSession: flag,
  auth: emptyList,
  tls: tlsOptions,
  reconnectDelayMs: empty,
  requestSizeMax: none,
  replySizeMax: none,
  shuffle: flag,
  autoWatchReset: flag,
  ports: none,
};
const change = { joining: text, leaving: text, members: text, fromConfig: (value: unknown) => value === 5n };

const row = (
  call: PublicCall['call'],
  good: readonly unknown[],
  places: readonly Place[],
  options: Readonly<Record<string, Good>> = {},
  optionsName = 'options',
): PublicCall => ({ call, good, places, options, optionsName });

/** Returns a function that calls the client's method `name`. */
const method =
  (name: string) =>
  (zk: Loose, ...words: unknown[]) =>
    zk[name]!(...words);
const loose =
  (called: unknown) =>
  (_zk: Loose, ...words: unknown[]) =>
    (called as (...words: unknown[]) => unknown)(...words);
const connectString = place('connect string', text, true);

export const publicCalls: Readonly<Record<string, PublicCall>> = {
  create: row(method('create'), ['/a', 'x'], [path, data], { ...limits, ...creation }),
  createWithParents: row(method('createWithParents'), ['/a/b', 'x'], [path, data], { ...limits, ...creation }),
  delete: row(method('delete'), ['/a'], [path], writing),
  deleteRecursive: row(method('deleteRecursive'), ['/a'], [path], { ...limits, wholeTree: (value) => value === false }),
  exists: row(method('exists'), ['/a'], [path], reading),
  get: row(method('get'), ['/a'], [path], { ...reading, codec: none }),
  set: row(method('set'), ['/a', 'x'], [path, data], { ...writing, codec: none }),
  children: row(method('children'), ['/a'], [path], reading),
  getAllChildrenNumber: row(method('getAllChildrenNumber'), ['/a'], [path], limits),
  getEphemerals: row(method('getEphemerals'), ['/a'], [pathOrDefault], limits),
  getAcl: row(method('getAcl'), ['/a'], [path], limits),
  setAcl: row(method('setAcl'), ['/a', OPEN_ACL], [path, place('acl', emptyList)], writing),
  sync: row(method('sync'), ['/a'], [pathOrDefault], limits),
  whoAmI: row(method('whoAmI'), [], [], limits),
  watch: row(method('watch'), ['/a'], [path], {
    recursive: flag,
    once: none,
    signal,
    bufferMax: (value) => value === 1,
  }),
  addWatch: row(method('addWatch'), ['/a', () => {}], [path, place('callback', callback)], { ...limits, mode: none }),
  removeWatches: row(method('removeWatches'), ['/a'], [path], { ...limits, kind: none, callback, local: flag }),
  getConfig: row(method('getConfig'), [], [], reading),
  reconfig: row(method('reconfig'), [{}], [place('change', empty)], limits),
  'reconfig: change': row(method('reconfig'), [], [], change, 'change'),
  addAuth: row(method('addAuth'), ['digest', 'u:p'], [place('scheme', text), place('auth', bytesOrText)]),
  updateServers: row(method('updateServers'), ['127.0.0.1'], [place('connect string', text)]),
  connected: row(method('connected'), [], [], limits),
  close: row(method('close'), [], [], { timeoutMs: timeMs, keepSession: flag }),
  'transaction: create': row(
    (zk, ...a) =>
      zk
        .transaction()
        .create(...a)
        .commit(),
    ['/a', 'x'],
    [path, data],
    creation,
  ),
  'transaction: set': row(
    (zk, ...a) =>
      zk
        .transaction()
        .set(...a)
        .commit(),
    ['/a', 'x'],
    [path, data],
    { version, codec: none },
  ),
  'transaction: delete': row(
    (zk, ...a) =>
      zk
        .transaction()
        .delete(...a)
        .commit(),
    ['/a'],
    [path],
    { version },
  ),
  'transaction: check': row(
    (zk, ...a) =>
      zk
        .transaction()
        .check(...a)
        .commit(),
    ['/a', 1],
    [path, place('version', version, true)],
  ),
  'transaction: commit': row(
    (zk, ...a) =>
      zk
        .transaction()
        .delete('/a')
        .commit(...a),
    [],
    [],
    limits,
  ),
  'multiRead: get': row(
    (zk, ...a) =>
      zk
        .multiRead()
        .get(...a)
        .run(),
    ['/a'],
    [path],
    { codec: none },
  ),
  'multiRead: children': row(
    (zk, ...a) =>
      zk
        .multiRead()
        .children(...a)
        .run(),
    ['/a'],
    [path],
  ),
  'multiRead: run': row(
    (zk, ...a) =>
      zk
        .multiRead()
        .get('/a')
        .run(...a),
    [],
    [],
    limits,
  ),
  connect: row(loose(connect), ['127.0.0.1:1'], [connectString], { ...connecting, signal }),
  'new ZooKeeper': row(
    (_zk, ...a) => new (ZooKeeper as unknown as new (...words: unknown[]) => unknown)(...a),
    ['127.0.0.1:1'],
    [connectString],
    connecting,
  ),
  digestId: row(loose(digestId), ['bob', 'secret'], [place('user', text), place('password', text)]),
  json: row(loose(json), [undefined], [place('schema', none, true)]),
};
