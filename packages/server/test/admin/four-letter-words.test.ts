import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { answerFourLetterWord, findFourLetterWord, fourLetterWords } from '../../src/admin/four-letter-words.js';
import type { ServerView } from '../../src/admin/server-view.js';
import { fullVersion } from '../../src/admin/version.js';
import { defaultConfig } from '../../src/config/server-config.js';
import { processEnvironment } from '../../src/ports/node/process-environment.js';
import { connection, emptyView } from './fake-view.js';

process.env.TZ = 'UTC';

/**
 * Replies of a standalone server of Apache ZooKeeper 3.9.5 with three sessions, ephemeral nodes, watches and a quota.
 */
const recorded: Record<string, string> = JSON.parse(
  readFileSync(new URL('../../../test/admin/testdata/apache-3.9.5-words.json', import.meta.url), 'utf8'),
);
const apacheFullVersion = '3.9.5-293c895a8d966a3ecb92872be4a1daf87d725da2, built on 2026-02-11 20:18 UTC';

function answer(name: string, view: ServerView, argument = new Uint8Array()): string {
  const entry = fourLetterWords.find((candidate) => candidate.name === name);
  assert.ok(entry, name);
  return [...answerFourLetterWord(entry, view, argument)].join('');
}

const a = 0x100000fe5a20000n;
const b = 0x100000fe5a20001n;
const c = 0x100000fe5a20002n;

/** The view of a server in the state in which the replies were recorded. */
function recordedView() {
  const view = emptyView();
  view.config = { ...view.config, tickTimeMs: 2000, minSessionTimeoutMs: 4000, maxSessionTimeoutMs: 40_000 };
  view.clientPort = 23_181;
  view.snapshotDirectory = '/var/zookeeper/version-2';
  view.logDirectory = '/var/zookeeper/version-2';
  view.snapshotDirectorySizeBytes = 67_109_358;
  view.logDirectorySizeBytes = 67_109_358;
  view.lastProcessedZxid = 0x137;
  view.nodeCount = 313;
  view.connectionCount = 5;
  view.statistics.packetsReceived = 533;
  view.statistics.packetsSent = 533;
  const idle = connection('127.0.0.1:43728');
  const own = connection('127.0.0.1:43756', { wantsRead: false });
  own.statistics.packetsReceived = 1;
  const first = session('127.0.0.1:43708', a, 1795317149027, 9);
  const third = session('127.0.0.1:43716', c, 1795317149103, 1);
  const second = session('127.0.0.1:43712', b, 1795317149082, 505);
  const { statistics } = first;
  for (let times = 0; times < 6; times++) statistics.recordResponse('CREA', times, 5, 0, 8);
  statistics.recordResponse('CREA', 7, 10, 0, 36);
  statistics.recordResponse('PING', 7, 10, 5, 5);
  statistics.recordResponse('GETD', 8, 0xb, 1_091_923, 1_091_929);
  third.statistics.recordResponse('SESS', 0, 3, 1_091_823, 1_091_824);
  second.statistics.recordResponse('CREA', 1, 0x10, 0, 18);
  for (let times = 0; times < 7; times++) second.statistics.recordResponse('GETD', 0x1f8, 0x137, 1_093_710, 1_093_710);
  view.connections = () => [idle, own, first, third, second];
  const date = (time: string) => Date.parse(`2026-11-22T${time}Z`);
  view.sessionBuckets = () => [
    { expiresMs: date('03:12:59'), items: new Set([a, c]) },
    { expiresMs: date('03:13:01'), items: new Set([b]) },
  ];
  view.connectionBuckets = () => [
    { expiresMs: date('03:12:47'), items: new Set([idle, connection('127.0.0.1:43770')]) },
    { expiresMs: date('03:13:07'), items: new Set([first, third, second]) },
  ];
  view.ephemerals = () =>
    new Map([
      [b, ['/lock']],
      [a, ['/app/e1', '/app/e2']],
    ]);
  view.watchesByPath = () =>
    new Map([
      ['/app/x', [a, b]],
      ['/app', [b]],
    ]);
  view.watchesBySession = () =>
    new Map([
      [a, new Set(['/app/x'])],
      [b, new Set(['/app/x', '/app'])],
    ]);
  view.digests = () => [
    { zxid: 0x80, digest: 259265090503n },
    { zxid: 0x100, digest: 553080932122n },
  ];
  return { view, idle, first, second, third };
}

function session(remoteAddress: string, sessionId: bigint, establishedMs: number, packets: number) {
  const result = connection(remoteAddress, { sessionId, establishedMs, sessionTimeoutMs: 30_000 });
  result.statistics.packetsReceived = packets;
  result.statistics.packetsSent = packets;
  return result;
}

for (const name of ['conf', 'dirs', 'dump', 'ruok', 'wchc', 'wchp', 'wchs', 'isro', 'hash']) {
  test(`${name} answers as in ZooKeeper, to the byte`, () => {
    assert.equal(answer(name, recordedView().view), recorded[name]);
  });
}

test('cons answers as in ZooKeeper, except that the least latency is right before the first crst', () => {
  const wrong = 'llat=1,minlat=0,avglat=1';
  assert.ok(recorded.cons!.includes(wrong));
  assert.equal(answer('cons', recordedView().view), recorded.cons!.replace(wrong, 'llat=1,minlat=1,avglat=1'));
});

test('srvr and stat answer as in ZooKeeper, except for the version', () => {
  const { view, idle, first, second, third } = recordedView();
  for (const latencyMs of [36, 0, 3]) view.statistics.requestLatencyMs.add(latencyMs);
  const latency = /Latency min\/avg\/max: .*\n/;
  const expected = (name: string) => recorded[name]!.replace(apacheFullVersion, fullVersion);
  assert.equal(answer('srvr', view).replace(latency, ''), expected('srvr').replace(latency, ''));
  const own = connection('127.0.0.1:43826', { wantsRead: false });
  own.statistics.packetsReceived = 1;
  view.connections = () => [idle, first, third, second, own];
  view.statistics.packetsReceived = view.statistics.packetsSent = 534;
  assert.equal(answer('stat', view).replace(latency, ''), expected('stat').replace(latency, ''));
  assert.match(answer('srvr', view), /\nLatency min\/avg\/max: 0\/13\.0\/36\nReceived: /);
});

test('crst resets the statistics of every connection', () => {
  const { view, idle, first, second, third } = recordedView();
  assert.equal(answer('crst', view), recorded.crst);
  const own = connection('127.0.0.1:43894', { wantsRead: false });
  own.statistics.packetsReceived = 1;
  view.connections = () => [idle, first, third, own, second];
  assert.equal(answer('cons', view), recorded['cons after crst']);
});

test('mntr has the keys of ZooKeeper, in its order, with values of the same form', () => {
  const { view } = recordedView();
  view.quotas = () => [{ path: '/app', countLimit: 100, bytesLimit: 1000, countUsage: 304, bytesUsage: 608 }];
  view.statistics.clientResponseSizeBytes.record(16);
  view.metrics.readPerNamespace.add('app', 74);
  for (const namespace of ['app', 'zookeeper', 'lock']) view.metrics.writePerNamespace.add(namespace, 7);
  const form = (text: string) =>
    text.replace(/^zk_version.*$/m, '').replace(/\t-?\d+(\.\d+)?$/gm, (_, fraction) => (fraction ? '\tx.x' : '\tx'));
  assert.equal(form(answer('mntr', view)), form(recorded.mntr!));
  assert.ok(answer('mntr', view).startsWith(`zk_version\t${fullVersion}\nzk_server_state\tstandalone\n`));
});

test('mntr leaves out file descriptors if the system does not count them', () => {
  const view = emptyView();
  view.openFileDescriptorCount = undefined;
  assert.doesNotMatch(answer('mntr', view), /zk_open_file_descriptor_count/);
});

test('srst resets counters and summaries, not the state', () => {
  const { view } = recordedView();
  view.metrics.bytesReceivedCount.add(40);
  view.metrics.readlatency.add(4);
  view.statistics.requestLatencyMs.add(4);
  assert.equal(answer('srst', view), recorded.srst);
  const after = answer('mntr', view);
  for (const line of [
    'bytes_received_count\t0',
    'cnt_readlatency\t0',
    'p99_readlatency\t0',
    'max_latency\t0',
    'znode_count\t313',
  ]) {
    assert.ok(after.includes(`zk_${line}\n`), line);
  }
});

test('gtmk returns the mask that stmk set, without a newline', () => {
  const view = emptyView();
  assert.equal(answer('gtmk', view), '306');
  assert.equal(answer('stmk', view, new Uint8Array([0, 0, 0, 0, 0, 0, 3, 0xff])), '1023');
  assert.equal(answer('gtmk', view), recorded.gtmk);
  assert.equal(answer('stmk', view, new Uint8Array(8).fill(0xff)), '-1');
  assert.equal(answer('stmk', view, new Uint8Array(3)), '');
});

test('envi has the keys of ZooKeeper, in its order', () => {
  const view = emptyView();
  view.environment = processEnvironment;
  const [title, ...lines] = answer('envi', view).trimEnd().split('\n');
  assert.deepEqual([title, ...lines.map((line) => line.slice(0, line.indexOf('=')))], recorded['envi keys']);
  assert.equal(lines[0], `zookeeper.version=${fullVersion}`);
});

test('a word outside the whitelist is refused by name; srvr never is', () => {
  const view = emptyView();
  view.config = defaultConfig();
  for (const { name } of fourLetterWords) {
    const refusal = `${name} is not executed because it is not in the whitelist.\n`;
    assert.equal(answer(name, view) === refusal, name !== 'srvr', name);
  }
  view.config = { ...defaultConfig(), fourLetterWordWhitelist: ['ruok'], readOnlyModeEnabled: true };
  assert.deepEqual([answer('ruok', view), answer('isro', view)], ['imok', 'rw']);
});

test('a server that does not serve says so for each word, except the words that always answer', () => {
  const view = emptyView();
  view.serving = false;
  const text = 'This ZooKeeper instance is not currently serving requests';
  assert.equal(answer('srvr', view), `${text}\n`);
  assert.equal(answer('mntr', view), `${text}\n`);
  assert.equal(answer('hash', view), text);
  assert.equal(answer('isro', view), 'null');
  assert.deepEqual([answer('ruok', view), answer('gtmk', view)], ['imok', '306']);
});

test('a read-only server says so', () => {
  const view = emptyView();
  view.readOnly = true;
  view.mode = 'read-only';
  assert.equal(answer('isro', view), 'ro');
  assert.match(answer('srvr', view), /^Zookeeper version: .*\nREAD-ONLY mode; serving only read-only clients\nLatency/);
});

test('the first four bytes of a connection are a word or a frame length, and no frame length looks like a word', () => {
  for (const { name, code } of fourLetterWords) assert.equal(findFourLetterWord(code)?.name, name);
  assert.equal(findFourLetterWord(Buffer.from('srvr').readInt32BE())?.name, 'srvr');
  assert.equal(findFourLetterWord(Buffer.from([0xff, 0xf4, 0xff, 0xfd]).readInt32BE())?.name, 'telnet close');
  assert.equal(findFourLetterWord(44), undefined);
});
