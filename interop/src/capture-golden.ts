/**
 * Captures real frames and files of Apache ZooKeeper 3.9.5 into packages/protocol/testdata/golden. The tests of the
 * protocol package read them. Run this program by hand (`node interop/dist/src/capture-golden.js`) when the protocol
 * package gets a new record.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot, startApache } from './peers/index.js';
import { type Incoming, RawConnection } from './raw/connection.js';
import { encodeBody, encodeFrame, operations, type Request } from './raw/operations.js';
import type { RecordName, Value } from './raw/records.js';

interface GoldenFrame {
  operation: string;
  direction: 'request' | 'reply' | 'event';
  /**
   * The record type of the body; null if the frame has only a header. The body of a multi is a `MultiRequest` or a
   * `MultiResponse`.
   */
  record: RecordName | 'MultiRequest' | 'MultiResponse' | null;
  /** The header and body in hex, without the length prefix. */
  frame: string;
  /** The body in hex, without the header. */
  body: string;
  /** The fields of the body. A long is written as {"$long": decimal}, and a buffer as {"$hex": ...}. */
  value: unknown;
}

const world = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
const text = (value: string) => Buffer.from(value);

/** One or two requests of every operation. Most succeed, because earlier requests create the nodes that they need. */
function requests(): Request[] {
  const digest = [{ perms: 5, id: { scheme: 'digest', id: 'bob:l3wJ8RSmhrcjyWOvBDTGFwwW1Gc=' } }];
  const create = { path: '/golden', data: text('data'), acl: world, flags: 0 };
  return [
    { operation: 'ping' },
    { operation: 'auth', value: { type: 0, scheme: 'digest', auth: text('bob:secret') } },
    { operation: 'whoAmI' },
    { operation: 'addWatch', value: { path: '/golden', mode: 1 } },
    { operation: 'create', value: create },
    { operation: 'create', value: create },
    { operation: 'create2', value: { path: '/golden/äö-', data: null, acl: digest, flags: 3 } },
    { operation: 'create', value: { path: '/golden/mine', data: Buffer.alloc(0), acl: world, flags: 1 } },
    { operation: 'createContainer', value: { path: '/golden/box', data: text('box'), acl: world, flags: 4 } },
    {
      operation: 'createTTL',
      value: { path: '/golden/ttl', data: text('ttl'), acl: [...world, ...digest], flags: 5, ttl: 3_600_000 },
    },
    { operation: 'createContainer', value: { path: '/golden/box2', data: null, acl: world, flags: 4 } },
    { operation: 'deleteContainer', value: { path: text('/golden/box2') } },
    { operation: 'exists', value: { path: '/golden', watch: true } },
    { operation: 'exists', value: { path: '/missing', watch: true } },
    { operation: 'getData', value: { path: '/golden', watch: true } },
    { operation: 'getData', value: { path: '/golden/box', watch: false } },
    { operation: 'setData', value: { path: '/golden', data: text('new data'), version: 0 } },
    { operation: 'setData', value: { path: '/golden', data: null, version: 7 } },
    { operation: 'getACL', value: { path: '/golden/ttl' } },
    { operation: 'setACL', value: { path: '/golden', acl: [...world, ...digest], version: -1 } },
    { operation: 'getChildren', value: { path: '/golden', watch: true } },
    { operation: 'getChildren2', value: { path: '/golden', watch: false } },
    { operation: 'sync', value: { path: '/golden' } },
    { operation: 'checkWatches', value: { path: '/golden', type: 5 } },
    { operation: 'removeWatches', value: { path: '/golden', type: 5 } },
    { operation: 'addWatch', value: { path: '/golden', mode: 0 } },
    { operation: 'getEphemerals', value: { prefixPath: '/golden' } },
    { operation: 'getAllChildrenNumber', value: { path: '/golden' } },
    {
      operation: 'setWatches',
      value: { relativeZxid: 1, dataWatches: ['/golden'], existWatches: [], childWatches: ['/none'] },
    },
    {
      operation: 'setWatches2',
      value: {
        relativeZxid: 1_000_000,
        dataWatches: ['/golden'],
        existWatches: ['/none'],
        childWatches: [],
        persistentWatches: ['/a', '/b'],
        persistentRecursiveWatches: ['/c'],
      },
    },
    {
      operation: 'multi',
      multi: [
        { operation: 'check', value: { path: '/golden', version: 1 } },
        { operation: 'create', value: { path: '/golden/m1', data: text('m'), acl: world, flags: 0 } },
        { operation: 'create2', value: { path: '/golden/m2', data: text('m'), acl: world, flags: 0 } },
        { operation: 'setData', value: { path: '/golden/m1', data: text('mm'), version: 0 } },
        { operation: 'delete', value: { path: '/golden/m2', version: -1 } },
        { operation: 'createContainer', value: { path: '/golden/m3', data: null, acl: world, flags: 4 } },
        { operation: 'createTTL', value: { path: '/golden/m4', data: null, acl: world, flags: 5, ttl: 3_600_000 } },
      ],
    },
    {
      operation: 'multi',
      multi: [
        { operation: 'create', value: { path: '/golden/m5', data: text('m'), acl: world, flags: 0 } },
        { operation: 'check', value: { path: '/golden', version: 99 } },
        { operation: 'delete', value: { path: '/golden/m1', version: -1 } },
      ],
    },
    {
      operation: 'multiRead',
      multi: [
        { operation: 'getData', value: { path: '/golden', watch: false } },
        { operation: 'getChildren', value: { path: '/golden', watch: false } },
        { operation: 'getData', value: { path: '/missing', watch: false } },
      ],
    },
    { operation: 'delete', value: { path: '/golden/m1', version: -1 } },
    { operation: 'delete', value: { path: '/golden', version: -1 } },
    { operation: 'closeSession' },
  ];
}

async function captureFrames(port: number): Promise<GoldenFrame[]> {
  const connection = await RawConnection.open(port);
  const shake = connection.handshakeBytes!;
  const frames: GoldenFrame[] = [
    handshake('request', 'ConnectRequest', shake.request.subarray(4)),
    handshake('reply', 'ConnectResponse', shake.reply),
  ];
  for (const request of requests()) {
    const xid = connection.send(request);
    await connection.settled();
    const body = encodeBody(request);
    frames.push({
      operation: request.operation,
      direction: 'request',
      record: request.multi === undefined ? operations[request.operation].request : 'MultiRequest',
      frame: encodeFrame(xid, request).subarray(4).toString('hex'),
      body: body.toString('hex'),
      value: plain((request.value ?? (request.multi as unknown as Value)) || null),
    });
    for (const item of connection.takeIncoming()) frames.push(...received(request, item));
  }
  await connection.untilClosed();
  return frames;
}

function handshake(direction: 'request' | 'reply', record: RecordName, payload: Buffer): GoldenFrame {
  const hex = payload.toString('hex');
  return { operation: 'connect', direction, record, frame: hex, body: hex, value: null };
}

function received(request: Request, item: Incoming): GoldenFrame[] {
  if (item.kind !== 'reply' && item.kind !== 'event') return [];
  const multi = request.multi !== undefined && item.kind === 'reply';
  const record = item.kind === 'event' ? 'WatcherEvent' : multi ? 'MultiResponse' : operations[request.operation].reply;
  return [
    {
      operation: item.kind === 'event' ? 'notification' : request.operation,
      direction: item.kind,
      record: item.body === null ? null : record,
      frame: item.bytes.toString('hex'),
      body: item.bytes.subarray(16).toString('hex'),
      value: plain(item.body),
    },
  ];
}

function plain(value: Value): unknown {
  if (typeof value === 'bigint') return { $long: value.toString() };
  if (Buffer.isBuffer(value)) return { $hex: value.toString('hex') };
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/**
 * Captures the files of a server: the log without the padding after its last record, and the snapshot. The server
 * writes this snapshot when it starts again.
 */
async function captureFiles(compression: string, into: string): Promise<GoldenFrame[]> {
  const directory = mkdtempSync(join(tmpdir(), 'golden-'));
  const config = { extendedTypesEnabled: 'true', 'snapshot.compression.method': compression };
  const first = await startApache({ directory, config });
  const left = await RawConnection.open(first.port);
  await left.must({ operation: 'create', value: { path: '/left', data: text('over'), acl: world, flags: 1 } });
  const frames = await captureFrames(first.port);
  await first.kill();
  const second = await startApache({ directory, config });
  await second.stop();
  for (const name of readdirSync(join(directory, 'version-2'))) {
    if (!name.startsWith('snapshot.') && !(name.startsWith('log.') && compression === 'none')) continue;
    const bytes = readFileSync(join(directory, 'version-2', name));
    const content = name.startsWith('log.') ? withoutPadding(bytes) : bytes;
    writeJson(join(into, `${name}.json`), { name, hex: content.toString('hex') });
  }
  rmSync(directory, { recursive: true });
  return frames;
}

function withoutPadding(bytes: Buffer): Buffer {
  let position = 16;
  for (;;) {
    const length = bytes.readInt32BE(position + 8);
    if (length === 0) return bytes.subarray(0, position);
    position += 12 + length + 1;
  }
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 1)}\n`);
}

const target = join(repositoryRoot, 'packages', 'protocol', 'testdata', 'golden');
rmSync(target, { recursive: true, force: true });
for (const compression of ['none', 'gz', 'snappy']) {
  const into = join(target, compression);
  mkdirSync(into, { recursive: true });
  const frames = await captureFiles(compression, into);
  if (compression === 'none') writeJson(join(target, 'frames.json'), frames);
}
process.stdout.write(`captured into ${target}: ${readdirSync(target).join(' ')}\n`);
