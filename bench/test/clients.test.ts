import assert from 'node:assert/strict';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import type { BurstMeasurement, BurstRow } from '../src/clients/burst.js';
import type { ContenderName } from '../src/clients/contenders.js';
import type { Done } from '../src/clients/driver.js';
import { packageFolders } from '../src/clients/footprint.js';
import { burstTable, growth, latencyTable, throughputTable } from '../src/clients/report.js';
import type { ClientMeasurement } from '../src/clients/throughput.js';
import { runBurst, Window } from '../src/clients/window.js';
import { parseOptions } from '../src/options.js';
import { Recorder } from '../src/recorder.js';

const row = { operation: 'get', window: 100 } as const;

const measured = (client: ContenderName, rest: Partial<ClientMeasurement> = {}): ClientMeasurement => ({
  client,
  rounds: [],
  operationsPerSecond: 300,
  operationsPerCpuSecond: 300,
  p50Ms: 1,
  p99Ms: 1,
  clientCpu: 1,
  serverCpu: 0.5,
  errors: 0,
  firstError: null,
  ...rest,
});

const ours = measured('@nodekeeper/client');

test('a client reaches its goal if both ratios do; otherwise the table says which one does not', () => {
  const theirs = (operationsPerSecond: number, operationsPerCpuSecond: number) =>
    throughputTable([
      {
        row,
        measurements: [ours, measured('node-zookeeper-client', { operationsPerSecond, operationsPerCpuSecond })],
      },
    ]);
  assert.match(theirs(100, 100), /3\.00x \| +3\.00x \| +3x \| +yes \|/);
  assert.match(theirs(101, 100), /2\.97x \| +3\.00x \| +3x \| +no: ops\/s \|/);
  assert.match(theirs(100, 101), / no: per CPU s \|/);
  assert.match(theirs(101, 101), / no: ops\/s, per CPU s \|/);
});

test('a client with errors is invalid, and without a valid nodekeeper client nothing is compared', () => {
  const bad = { errors: 2, firstError: 'A reply had 0 bytes, expected 1024.' };
  const theirs = throughputTable([{ row, measurements: [ours, measured('zookeeper', bad)] }]);
  assert.match(theirs, /zookeeper .*\| +- \| +- \| +- \| INVALID: 2 errors, first: A reply had 0 bytes/);
  const own = latencyTable([{ row, measurements: [measured('@nodekeeper/client', bad), measured('zookeeper')] }]);
  assert.match(own, /@nodekeeper\/client .*INVALID/);
  assert.doesNotMatch(own, /1\.00x/);
});

test('latencies that differ by less than the noise count as equal', () => {
  const text = (p99Ms: number) =>
    latencyTable([{ row, measurements: [measured('@nodekeeper/client', { p99Ms }), measured('zookeeper')] }]);
  assert.match(text(1.05), /1\.05x \| +yes \|/);
  assert.match(text(1.06), /1\.06x \| +no: p99 \|/);
});

test('the growth of a burst is relative to the smallest of the same client and operation', () => {
  const burst = (client: ContenderName, outstanding: number, totalMs: number | undefined): BurstMeasurement => ({
    client,
    row: rowOf(outstanding),
    totalMs,
    cpuMs: totalMs,
    peakResidentBytes: 0,
    errors: 0,
    firstError: null,
    rounds: [],
  });
  const known = new Map<number, BurstRow>();
  const rowOf = (outstanding: number) => {
    if (!known.has(outstanding)) known.set(outstanding, { operation: 'get', outstanding, repeats: 1 });
    return known.get(outstanding)!;
  };
  const all = [
    burst('@nodekeeper/client', 1000, 10),
    burst('zookeeper', 1000, 20),
    burst('@nodekeeper/client', 10_000, 100),
    burst('zookeeper', 10_000, 2000),
    burst('zookeeper', 100_000, undefined),
  ];
  assert.deepEqual(
    all.map((measurement) => growth(measurement, all)),
    [1, 1, 1, 10, undefined],
  );
  assert.match(burstTable(all), /get, 10,000 at once +\| zookeeper .*10\.00x.* 0\.05x \|/);
  assert.match(burstTable(all), /get, 100,000 at once \| zookeeper +\| > 60,000 \| +- \|/);
});

test('a window stays full until it is stopped, and every reply is checked', async () => {
  const recorder = new Recorder();
  const waiting: Done[] = [];
  const window = new Window(3, (_path, done) => void waiting.push(done), 5, recorder);
  window.start();
  recorder.measuring = true;
  assert.equal(waiting.length, 3);
  waiting.shift()!(undefined, 5);
  waiting.shift()!(undefined, 4);
  assert.equal(waiting.length, 3);
  assert.equal(recorder.operations, 2);
  assert.equal(recorder.firstError, 'A reply had 4 bytes, expected 5.');
  const stopped = window.stop();
  waiting[0]!(new Error('lost'), 0);
  for (const done of waiting.slice(1)) done(undefined, 5);
  await stopped;
  assert.equal(waiting.length, 3);
  assert.equal(recorder.errors, 2);
});

test('a burst makes all requests before it waits for the first', async () => {
  const recorder = new Recorder();
  const paths: string[] = [];
  const issue = (path: string, done: Done) => {
    paths.push(path);
    setImmediate(() => done(undefined, paths.length));
  };
  await runBurst(1001, issue, 1001, recorder);
  assert.equal(recorder.errors, 0);
  assert.equal(paths[1000], paths[0]);
});

test('@nodekeeper/client is two packages: itself and the protocol', () => {
  const folder = fileURLToPath(new URL('../../../packages/client', import.meta.url));
  assert.deepEqual(
    packageFolders(folder).map((path) => path.slice(path.lastIndexOf('/') + 1)),
    ['client', 'protocol'],
  );
});

test('clients connect to a server that stores what they write', () => {
  assert.equal(parseOptions(['--clients']).clientsServer, 'nodekeeper');
  assert.deepEqual(parseOptions(['--clients', '--clients-server', 'apache']).measures, ['clients']);
  assert.throws(() => parseOptions(['--clients-server', 'floor']), /it must be "nodekeeper" or "apache"/);
});
