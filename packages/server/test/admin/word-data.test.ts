import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fourLetterWords } from '../../src/admin/four-letter-words.js';
import { SizeStatistics } from '../../src/admin/statistics.js';
import { connection, emptyView } from './fake-view.js';

const sessionId = 0x100000fe5a20000n;

/** The view of a leader with a client, a watch, an ephemeral node and a digest. */
function busyView() {
  const view = emptyView();
  view.mode = 'leader';
  view.leader = {
    learners: 2,
    syncedFollowers: 2,
    syncedNonVotingFollowers: 0,
    syncedObservers: 0,
    pendingSyncs: 0,
    uptimeMs: 1,
    proposalSizes: new SizeStatistics(),
  };
  const client = connection('127.0.0.1:43708', { sessionId, sessionTimeoutMs: 30_000 });
  view.connections = () => [client].values();
  view.sessionBuckets = () => [{ expiresMs: 1000, items: new Set([sessionId]) }];
  view.connectionBuckets = () => [{ expiresMs: 2000, items: new Set([client]) }];
  view.ephemerals = () => new Map([[sessionId, new Set(['/e'])]]);
  view.watchesByPath = () => new Map([['/a', [sessionId]]]);
  view.watchesBySession = () => new Map([[sessionId, new Set(['/a'])]]);
  view.digests = () => [{ zxid: 0x80, digest: 5n }].values();
  view.environment = () => [['host.name', 'here']];
  return view;
}

function read(name: string, view = busyView()): Record<string, unknown> {
  const entry = fourLetterWords.find((candidate) => candidate.name === name);
  assert.ok(entry, name);
  return entry.read(view, new Uint8Array(8)) as Record<string, unknown>;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Returns the names of all fields, with dots between the levels. A list is represented by its first item. */
function fieldsOf(data: unknown, prefix = ''): string[] {
  if (Array.isArray(data)) return fieldsOf(data[0], prefix);
  if (typeof data !== 'object' || data === null || data instanceof Map) return [prefix.slice(0, -1)];
  return Object.entries(data).flatMap(([name, value]) => fieldsOf(value, `${prefix}${snakeCase(name)}.`));
}

const brief = 'remote_socket_address interest_ops outstanding_requests packets_received packets_sent';
const server = [
  'version read_only server_stats.packets_sent server_stats.packets_received server_stats.uptime server_stats.avg_latency',
  'server_stats.min_latency server_stats.max_latency server_stats.outstanding_requests server_stats.last_processed_zxid',
  'server_stats.server_state server_stats.num_alive_client_connections server_stats.auth_failed_count',
  'client_response.last_buffer_size client_response.min_buffer_size client_response.max_buffer_size',
  'proposal_stats.last_buffer_size proposal_stats.min_buffer_size proposal_stats.max_buffer_size node_count',
].join(' ');
const under = (prefix: string, names: string) => names.replace(/\S+/g, `${prefix}.$&`);

/** Maps a four-letter word to the fields that the corresponding HTTP command of ZooKeeper (6.2) returns. */
const apacheFields: Record<string, string> = {
  conf:
    'client_port data_dir data_log_dir tick_time max_client_cnxns min_session_timeout max_session_timeout server_id ' +
    'client_port_listen_backlog',
  cons: under(
    'connections',
    `${brief} session_id last_operation established session_timeout last_cxid last_zxid last_response_time last_latency ` +
      'min_latency avg_latency max_latency',
  ),
  dirs: 'datadir_size logdir_size',
  dump: 'expiry_time_to_session_ids session_id_to_ephemeral_paths',
  envi: 'zookeeper.version host.name',
  gtmk: 'tracemask',
  hash: 'digests.zxid digests.digest',
  isro: 'read_only',
  mntr: 'version server_state peer_state',
  srvr: server,
  stat: `${server} ${under('connections', brief)}`,
  stmk: 'tracemask',
  wchc: 'session_id_to_watched_paths',
  wchp: 'path_to_session_ids',
  wchs: 'num_connections num_paths num_total_watches',
};

for (const [name, fields] of Object.entries(apacheFields)) {
  test(`the data of ${name} has the fields of ZooKeeper's command, in snake case`, () => {
    const found = new Set(fieldsOf(read(name)));
    for (const field of fields.split(' ')) assert.ok(found.has(field), `${field} in ${[...found].join(' ')}`);
  });
}

/**
 * Asserts that a value, and every value inside it, is plain data. The error names the place of a value that is not
 * plain data.
 */
function assertIsData(value: unknown, place: string): void {
  if (value === undefined || ['string', 'number', 'bigint', 'boolean'].includes(typeof value)) return;
  assert.ok(typeof value === 'object' && value !== null, place);
  const kind = value.constructor;
  assert.ok(kind === Object || kind === Array || kind === Map, `${place} is a ${kind.name}`);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  for (const [key, item] of entries) assertIsData(item, `${place}.${key}`);
}

for (const role of ['leader', 'learner'] as const) {
  test(`the data that a word reads on a ${role} is plain, and does not change with the server`, () => {
    const view = busyView();
    if (role === 'learner') {
      view.mode = 'observer';
      view.leader = undefined;
      view.learnerMasterId = 2;
      view.globalSessions = () => [{ id: sessionId, timeoutMs: 30_000 }].values();
    }
    for (const { name } of fourLetterWords) assertIsData(read(name, view), name);
  });
}
