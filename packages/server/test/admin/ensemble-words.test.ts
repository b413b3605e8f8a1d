import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fullVersion } from '../../src/admin/version.js';
import type { ServerConfig } from '../../src/config/server-config.js';
import { createRequest, type TestClient } from '../support/test-client.js';
import { TestEnsemble } from '../support/test-ensemble.js';

process.env.TZ = 'UTC';

/**
 * Replies of three servers of Apache ZooKeeper 3.9.5. Server 1 was a follower, server 2 the leader and server 3 an
 * observer. A client ran `work` on each server, in the order of their ids. Then server 1 was stopped, so that servers 2
 * and 3 looked for a leader.
 */
const recorded: Record<string, Record<string, string>> = JSON.parse(
  readFileSync(new URL('../../../test/admin/testdata/apache-3.9.5-ensemble-words.json', import.meta.url), 'utf8'),
);
const ids = { follower: 1, leader: 2, observer: 3 } as const;
type Role = keyof typeof ids;
const roles = Object.keys(ids) as Role[];

function startEnsemble(options: Partial<ServerConfig> = {}): TestEnsemble {
  const config = {
    fourLetterWordWhitelist: ['*'],
    tickTimeMs: 500,
    minSessionTimeoutMs: 1000,
    maxSessionTimeoutMs: 10_000,
    ...options,
  };
  const ensemble = new TestEnsemble(3, { observers: [3], config });
  // Gives all servers the same time. With different clocks, a latency between two servers can be negative, and
  // ZooKeeper does not count a negative latency.
  for (const { scheduler } of ensemble.members) scheduler.nowMs = 1_000_000;
  ensemble.start();
  assert.equal(ensemble.untilServing().id, ids.leader);
  return ensemble;
}

function work(client: TestClient, role: Role): void {
  assert.equal(client.call('create2', createRequest(`/${role}`, `data of ${role}`)).err, 0);
  assert.equal(client.call('create2', createRequest(`/${role}/e`, '', { flags: 1 })).err, 0);
  client.get(`/${role}`, true);
  for (let length = 0; length < 20; length++) {
    assert.equal(client.call('setData', { path: `/${role}`, data: Buffer.alloc(length, 'x'), version: -1 }).err, 0);
  }
}

/** Starts an ensemble, and brings it into the state in which the replies were recorded. */
function recordedEnsemble(): TestEnsemble {
  const ensemble = startEnsemble();
  const clients = roles.map((role) => ensemble.connect(ids[role], { timeoutMs: 10_000 }));
  for (const [index, role] of roles.entries()) work(clients[index]!, role);
  ensemble.settle();
  return ensemble;
}

/** Sends all words in the order of the recording, because some replies count the words that were sent before. */
function answersOf(ensemble: TestEnsemble, role: Role): Record<string, string> {
  return Object.fromEntries(Object.keys(recorded[role]!).map((word) => [word, ensemble.ask(ids[role], word)]));
}

/**
 * Patterns and replacements that hide ports, file sizes, and all values that differ between two runs of ZooKeeper
 * itself.
 */
const masks: readonly [RegExp, string][] = [
  [/^(Zookeeper version: |zk_version\t).*$/gm, '$1'],
  [/^(clientPort|dataDirSize|dataLogSize|electionPort|quorumPort)=\d+$/gm, '$1=N'],
  [/^(datadir_size|logdir_size): \d+$/gm, '$1: N'],
  [/^(server\.\d)=[^:]+:\d+:\d+/gm, '$1=host:N:N'],
  [/127\.0\.0\.1:\d+/g, '127.0.0.1:N'],
  [/0x(\d)[0-9a-f]{14}/g, '0x$1...'],
  [/(est|lresp|llat|minlat|avglat|maxlat)=\d+/g, '$1=N'],
  [/^Latency min\/avg\/max: .*$/gm, 'Latency'],
  [/expire at .*:$/gm, 'expire'],
  [/ Sets \(\d+\)/g, ' Sets (N)'],
  // hide how many buckets are empty, and how many sessions share a bucket, because both depend on the time
  [/^0 expire\n/gm, ''],
  [/^\d expire\n/gm, ''],
];

function masked(text: string): string {
  return masks.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
}

/**
 * Returns the masked lines in sorted order, because ZooKeeper prints connections and sessions in the order of a hash
 * table.
 */
function sortedLines(text: string): string[] {
  return masked(text).split('\n').sort();
}

test('conf, srvr, dirs, isro, hash and wchp answer on every role as in ZooKeeper, to the byte', () => {
  const ensemble = recordedEnsemble();
  for (const role of roles) {
    const answers = answersOf(ensemble, role);
    for (const word of ['conf', 'srvr', 'dirs', 'isro', 'hash', 'wchp']) {
      assert.equal(masked(answers[word]!), masked(recorded[role]![word]!), `${word} of the ${role}`);
    }
  }
});

test('stat, cons and dump answer on every role as in ZooKeeper, except for the order', () => {
  const ensemble = recordedEnsemble();
  for (const role of roles) {
    const answers = answersOf(ensemble, role);
    for (const word of ['stat', 'cons', 'dump']) {
      assert.deepEqual(sortedLines(answers[word]!), sortedLines(recorded[role]![word]!), `${word} of the ${role}`);
    }
  }
});

test('dump shows the session timeouts on a learner, and the expiry times on the leader', () => {
  const ensemble = recordedEnsemble();
  const sessions = /Global Sessions\(3\):\n(0x1\w+\t10000ms\n)(0x2\w+\t10000ms\n)(0x3\w+\t10000ms\n)ephemeral/;
  for (const role of ['follower', 'observer'] as const) assert.match(ensemble.ask(ids[role], 'dump'), sessions);
  assert.match(ensemble.ask(ids.leader, 'dump'), /^SessionTracker dump:\nSession Sets \(\d+\)\/\(3\):\n\d expire at /);
});

/**
 * Maps each key in the reply to `mntr` to its value. Leaves out keys that only ZooKeeper has: the metrics of the queues
 * between its threads, and the metrics of writes without a transaction.
 */
function monitored(text: string): Map<string, string> {
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t') as [string, string])
    .filter(([key]) => !/learner_handler_qp_|zookeeper_write_per_namespace|file_descriptor/.test(key));
  return new Map(lines);
}

const isByNamespace = (key: string) => key.endsWith('_per_namespace');

test('mntr has the keys of ZooKeeper, in its order, on every role', () => {
  const ensemble = recordedEnsemble();
  for (const role of roles) {
    const ours = [...monitored(ensemble.ask(ids[role], 'mntr')).keys()];
    const theirs = [...monitored(recorded[role]!.mntr!).keys()];
    const others = (key: string) => !isByNamespace(key);
    assert.deepEqual(ours.filter(others), theirs.filter(others), role);
    assert.deepEqual(ours.filter(isByNamespace).sort(), theirs.filter(isByNamespace).sort(), role);
  }
});

/** The keys of `mntr` whose values do not depend on timing: the same requests always give the same values. */
const determined = [
  'server_state peer_state observer_master_id ephemerals_count num_alive_connections outstanding_requests',
  'packets_received packets_sent znode_count global_sessions local_sessions watch_count quorum_size learners synced_followers',
  'synced_non_voting_followers synced_observers pending_syncs last_proposal_size min_proposal_size max_proposal_size',
  'last_client_response_size min_client_response_size max_client_response_size',
  'bytes_received_count watch_bytes looking_count connection_request_count diff_count snap_count proposal_count',
  'commit_count learner_proposal_received_count learner_commit_received_count digest_mismatches_count revalidate_count',
  'cnt_election_time cnt_follower_sync_time cnt_observer_sync_time cnt_unavailable_time cnt_leader_unavailable_time',
  'cnt_inflight_diff_count cnt_quorum_ack_latency',
  'cnt_propagation_latency cnt_proposal_latency cnt_commit_propagation_latency cnt_updatelatency cnt_readlatency',
  'cnt_node_changed_watch_count',
].flatMap((names) => names.split(' '));

test('mntr has the values of ZooKeeper on every role, if they follow from what the clients did', () => {
  const ensemble = recordedEnsemble();
  for (const role of roles) {
    const ours = monitored(answersOf(ensemble, role).mntr!);
    const theirs = monitored(recorded[role]!.mntr!);
    for (const key of determined) assert.equal(ours.get(`zk_${key}`), theirs.get(`zk_${key}`), `${key} of the ${role}`);
    // compare the sizes without the text of /zookeeper/config, because the addresses in the recorded text are longer
    const size = (values: Map<string, string>) => Number(values.get('zk_approximate_data_size'));
    const textLength = recorded[role]!.conf!.split('membership: \n')[1]!.length;
    assert.equal(size(ours) - ensemble.ensembleFor(1).text.length, size(theirs) - textLength);
  }
});

test('without a leader every server says that it does not serve', () => {
  const ensemble = recordedEnsemble();
  ensemble.member(ids.follower).stop();
  ensemble.until(
    'the others look',
    () => !ensemble.member(2).clients.isServing && !ensemble.member(3).clients.isServing,
  );
  for (const [word, answer] of Object.entries(recorded.looking!)) {
    assert.equal(ensemble.ask(ids.leader, word), answer, word);
    assert.equal(ensemble.ask(ids.observer, word), recorded['looking observer']![word], word);
  }
});

test('metrics continue from term to term; the numbers of srvr start again', () => {
  const ensemble = recordedEnsemble();
  ensemble.member(ids.follower).stop();
  ensemble.until('the leader is gone', () => !ensemble.member(ids.leader).clients.isServing);
  ensemble.advance(1000);
  ensemble.member(ids.follower).start();
  ensemble.untilServing();
  const after = monitored(ensemble.ask(ids.leader, 'mntr'));
  const names = ['looking_count', 'commit_count', 'cnt_unavailable_time', 'packets_received', 'last_proposal_size'];
  assert.deepEqual(
    names.map((name) => after.get(`zk_${name}`)),
    ['2', '69', '2', '1', '-1'],
  );
  assert.ok(Number(after.get('zk_max_unavailable_time')) >= 1000);
  assert.ok(ensemble.ask(ids.leader, 'srvr').startsWith(`Zookeeper version: ${fullVersion}\n`));
});

test('srst resets the sizes of proposals too', () => {
  const ensemble = recordedEnsemble();
  assert.match(ensemble.ask(ids.leader, 'srvr'), /\nProposal sizes last\/min\/max: 84\/48\/109\n$/);
  ensemble.ask(ids.leader, 'srst');
  assert.match(ensemble.ask(ids.leader, 'srvr'), /\nProposal sizes last\/min\/max: -1\/-1\/-1\n$/);
  assert.doesNotMatch(ensemble.ask(ids.follower, 'srvr'), /Proposal/);
});

test('the acknowledgement of every thousandth proposal is timed for each server, and a snapshot for a learner is counted', () => {
  const ensemble = startEnsemble({ snapshotSizeFactor: -1 });
  const client = ensemble.connect(ids.leader, { timeoutMs: 10_000 });
  ensemble.member(ids.observer).stop();
  for (let index = 0; index < 1300; index++) client.create(`/n${index}`);
  ensemble.member(ids.observer).start();
  ensemble.untilServing();
  const values = monitored(ensemble.ask(ids.leader, 'mntr'));
  assert.deepEqual([values.get('zk_cnt_1_ack_latency'), values.get('zk_cnt_2_ack_latency')], ['1', '1']);
  assert.deepEqual([values.get('zk_snap_count'), values.get('zk_sum_inflight_snap_count')], ['1', '1']);
});

test("/zookeeper/config is the same on every server, with ZooKeeper's Stat, and does not change the digest", () => {
  const ensemble = startEnsemble();
  const { text } = ensemble.ensembleFor(1);
  for (const role of roles) {
    const reply = ensemble.connect(ids[role]).call('getData', { path: '/zookeeper/config', watch: false });
    const { data, stat } = reply.body as { data: Buffer; stat: Record<string, number | bigint> };
    assert.equal(data.toString(), text);
    assert.deepEqual(
      [stat.czxid, stat.mzxid, stat.pzxid, stat.ctime, stat.version, stat.cversion, stat.aversion].map(Number),
      [0, 0, 0, 0, -1, 0, -1],
    );
    assert.ok(Number(stat.mtime) > 0);
  }
  const digests = ensemble.members.map(({ database }) => database.tree.digest.toBigInt());
  assert.equal(new Set(digests).size, 1);
});
