import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Xid } from '@nodekeeper/protocol';
import { createMetrics } from '../../src/admin/metrics.js';
import type { ServerConfig } from '../../src/config/server-config.js';
import { connectFrame } from '../../src/testing/wire.js';
import { createRequest } from '../support/test-client.js';
import { TestEnsemble, type TestMember } from '../support/test-ensemble.js';

type Place = 'leader' | 'follower';
const everywhere: readonly Place[] = ['leader', 'follower'];

/** The metrics of ZooKeeper that nodekeeper counts, each with the roles that count it. */
const counted: Record<string, readonly Place[]> = {
  close_session_prep_time: ['leader'],
  cnxn_closed_without_zk_server_running: everywhere,
  commit_process_time: everywhere,
  connection_drop_count: everywhere,
  connection_token_deficit: everywhere,
  ensemble_auth_fail: ['leader'],
  ensemble_auth_skip: ['leader'],
  ensemble_auth_success: ['leader'],
  jvm_pause_time_ms: everywhere,
  learner_request_processor_queue_size: ['follower'],
  local_write_committed_time_ms: everywhere,
  outstanding_changes_queued: ['leader'],
  outstanding_changes_removed: ['leader'],
  pending_session_queue_size: everywhere,
  prep_process_time: ['leader'],
  prep_processor_request_queued: ['leader'],
  proposal_ack_creation_latency: everywhere,
  proposal_process_time: ['leader'],
  quit_leading_due_to_disloyal_voter: ['leader'],
  quota_exceeded_error_per_namespace: ['leader'],
  read_commitproc_time_ms: everywhere,
  read_final_proc_time_ms: everywhere,
  reads_after_write_in_session_queue: everywhere,
  reads_issued_from_session_queue: everywhere,
  request_commit_queued: everywhere,
  requests_in_session_queue: everywhere,
  response_bytes: everywhere,
  server_write_committed_time_ms: everywhere,
  session_queues_drained: everywhere,
  stale_replies: everywhere,
  startup_snap_load_time: everywhere,
  startup_txns_load_time: everywhere,
  startup_txns_loaded: everywhere,
  sync_process_time: everywhere,
  sync_processor_queue_and_flush_time_ms: everywhere,
  sync_processor_queue_flush_time_ms: everywhere,
  sync_processor_queue_size: everywhere,
  sync_processor_queue_time_ms: everywhere,
  sync_processor_request_queued: everywhere,
  write_commitproc_time_ms: everywhere,
  write_final_proc_time_ms: everywhere,
};

const noCache = 'replies are copied from where the tree keeps the bytes';
const noCleaner = 'watches of a closed connection are removed at once';
const noReadQueue = 'reads do not queue: they are answered where they come in';
const later = 'comes with what it counts';

/** The metrics that nodekeeper does not count, each with the reason. */
const uncounted: Record<string, string> = {
  add_dead_watcher_stall_time: noCleaner,
  dead_watchers_cleaner_latency: noCleaner,
  dead_watchers_cleared: noCleaner,
  dead_watchers_queued: noCleaner,
  response_packet_cache_hits: noCache,
  response_packet_cache_misses: noCache,
  response_packet_get_children_cache_hits: noCache,
  response_packet_get_children_cache_misses: noCache,
  commit_commit_proc_req_queued: 'a commit is applied in the event that brings it: none queue',
  concurrent_request_processing_in_commit_processor: 'one thread does one after the other',
  learner_handler_qp_size: 'what goes to a learner does not wait beyond a turn',
  learner_handler_qp_time_ms: 'what goes to a learner does not wait beyond a turn',
  netty_queued_buffer_capacity: 'there is no Netty',
  prep_processor_queue_size: 'a write is prepared in the event that brings it: none queue',
  prep_processor_queue_time_ms: 'a write is prepared in the event that brings it: none queue',
  read_commit_proc_issued: noReadQueue,
  read_commit_proc_req_queued: noReadQueue,
  requests_not_forwarded_to_commit_processor: 'there is no such processor to go round',
  skip_learner_request_to_next_processor_count: 'there is no such processor to go round',
  socket_closing_time: 'sockets are closed by the system, beside everything else',
  time_waiting_empty_pool_in_commit_processor_read_ms: 'there is no pool of threads',
  write_batch_time_in_commit_processor: 'commits are applied as they come, in no batch of their own',
  write_commit_proc_issued: 'commits are applied as they come, in no batch of their own',
  write_commit_proc_req_queued: 'a commit is applied in the event that brings it: none queue',
  insecure_admin_count: later,
  om_commit_process_time_ms: later,
  om_proposal_process_time_ms: later,
  request_throttle_queue_time_ms: later,
  request_throttle_wait_count: later,
  restore_error_count: later,
  restore_rate_limited_count: later,
  restore_time: later,
  snapshot_rate_limited_count: later,
  stale_requests: later,
  stale_requests_dropped: later,
  throttled_ops: later,
  tls_handshake_exceeded: later,
  unsuccessful_handshake: later,
};

/**
 * Returns the count or the value of each metric in the reply to `mntr`. The values of a metric with several keys, such
 * as quota namespaces, are added.
 */
function amounts(ensemble: TestEnsemble, id: number): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of ensemble.ask(id, 'mntr').split('\n')) {
    const [key, value] = line.split('\t');
    const name = key!.replace(/^zk_(cnt_)?/, '').replace(/^.*_(quota_exceeded_error_per_namespace)$/, '$1');
    found.set(name, (found.get(name) ?? 0) + Number(value));
  }
  return found;
}

function busy(ensemble: TestEnsemble, member: TestMember): void {
  const client = ensemble.connect(member.id, { timeoutMs: 4000 });
  for (let index = 0; index < 100; index++) client.create(`/${member.name}-${index}`);
  for (let index = 0; index < 100; index++) client.get(`/${member.name}-${index}`);
  // the reads of each round wait for the write before them
  for (let index = 0; index < 40; index++) {
    client.send('create', createRequest(`/${member.name}-next-${index}`));
    for (let reads = 0; reads < 5; reads++) client.send('getData', { path: '/', watch: false });
    ensemble.settle();
  }
  client.call('closeSession');
  // disconnect a client before the server replies to it
  const hasty = ensemble.connect(member.id, { timeoutMs: 4000 });
  hasty.send('create', createRequest(`/${member.name}-hasty`));
  hasty.connection.deliver();
  hasty.connection.disconnect();
  ensemble.settle();
}

function passQuota(ensemble: TestEnsemble, id: number): void {
  const client = ensemble.connect(id, { timeoutMs: 4000 });
  client.create('/full');
  client.create('/zookeeper/quota/full');
  client.create('/zookeeper/quota/full/zookeeper_limits', 'count=-1,bytes=-1;byteHardLimit=-1;countHardLimit=1');
  client.create('/zookeeper/quota/full/zookeeper_stats', 'count=0,bytes=0');
  client.create('/full/x');
}

function authenticate(ensemble: TestEnsemble, id: number): void {
  for (const name of ['one', '', 'other']) {
    const client = ensemble.connect(id, { timeoutMs: 4000 });
    client.send('auth', { type: 0, scheme: 'ensemble', auth: Buffer.from(name) }, Xid.auth);
    ensemble.settle();
  }
}

/**
 * Restarts a follower as if it had accepted epoch 9. The follower cannot follow in the leader's earlier epoch, so the
 * leader resigns.
 */
function desert(ensemble: TestEnsemble, leader: TestMember, follower: TestMember): void {
  follower.stop();
  follower.disk.place('/data/version-2/acceptedEpoch', Buffer.from('9'));
  ensemble.advance(1000);
  follower.start();
  ensemble.until('the leader resigns', () => leader.logged.some((line) => line.includes('has accepted epoch 9')));
  ensemble.untilServing();
}

test('6.3 metrics of queues and processors increase under load on the roles that the table lists', () => {
  const config: Partial<ServerConfig> = {
    fourLetterWordWhitelist: ['*'],
    enforceQuota: true,
    ensembleAuthNames: ['one'],
  };
  const ensemble = new TestEnsemble(3, { config });
  ensemble.start();
  // connect to each server before the ensemble serves
  for (const member of ensemble.members) member.open().raw(connectFrame());
  const leader = ensemble.untilServing();
  const follower = ensemble.members.find((member) => member !== leader)!;
  for (const member of [leader, follower]) busy(ensemble, member);
  passQuota(ensemble, leader.id);
  authenticate(ensemble, leader.id);
  desert(ensemble, leader, ensemble.members.find((member) => member !== leader && member !== follower)!);
  const found = { leader: amounts(ensemble, leader.id), follower: amounts(ensemble, follower.id) };
  for (const [name, places] of Object.entries(counted)) {
    for (const place of places)
      assert.ok(found[place].get(name)! > 0, `${name} of the ${place}: ${found[place].get(name)}`);
  }
});

const source = fileURLToPath(new URL('../../../src/', import.meta.url));

test('6.3 every metric is counted somewhere, or is in the table of uncounted metrics with the reason', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('admin/'))
    .map((name) => readFileSync(join(source, name), 'utf8'));
  const code = files.join('\n');
  const names = new Set<string>();
  for (const [field, { name }] of Object.entries(createMetrics())) {
    names.add(name);
    assert.equal(new RegExp(`\\b${field}\\b`).test(code), !(name in uncounted), name);
  }
  for (const name of [...Object.keys(uncounted), ...Object.keys(counted)]) assert.ok(names.has(name), name);
});
