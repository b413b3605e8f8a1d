import { type GaugeSample, type Labels, noLabels } from './sample.js';
import type { QuotaView, ServerView } from './server-view.js';

/**
 * A gauge: its name in `mntr`, and a function that reads its value. If the function returns undefined, the gauge is
 * omitted.
 */
type Gauge = readonly [name: string, read: (view: ServerView) => number | undefined, type?: 'double'];

/** The gauges of a server, in the order of `mntr`. */
const gauges: readonly Gauge[] = [
  ['ephemerals_count', (view) => view.ephemeralCount],
  ['num_alive_connections', (view) => view.connectionCount],
  ['avg_latency', (view) => view.statistics.requestLatencyMs.average, 'double'],
  ['min_proposal_size', (view) => view.leader?.proposalSizes.min],
  ['outstanding_requests', (view) => view.outstandingRequests],
  ['znode_count', (view) => view.nodeCount],
  ['global_sessions', (view) => view.globalSessionCount],
  ['non_mtls_remote_conn_count', notCounted],
  ['last_client_response_size', (view) => view.statistics.clientResponseSizeBytes.last],
  ['packets_sent', (view) => view.statistics.packetsSent],
  ['packets_received', (view) => view.statistics.packetsReceived],
  ['max_proposal_size', (view) => view.leader?.proposalSizes.max],
  ['max_client_response_size', (view) => view.statistics.clientResponseSizeBytes.max],
  ['synced_followers', (view) => view.leader?.syncedFollowers],
  ['connection_drop_probability', (view) => view.connectionDropProbability, 'double'],
  ['watch_count', (view) => view.watchCount],
  ['synced_non_voting_followers', (view) => view.leader?.syncedNonVotingFollowers],
  ['synced_observers', (view) => view.leader?.syncedObservers],
  ['auth_failed_count', (view) => view.statistics.authFailedCount],
  ['min_latency', (view) => view.statistics.requestLatencyMs.min],
  ['max_file_descriptor_count', (view) => view.maxFileDescriptorCount],
  ['approximate_data_size', (view) => view.approximateDataSizeBytes],
  ['open_file_descriptor_count', (view) => view.openFileDescriptorCount],
  ['last_proposal_size', (view) => view.leader?.proposalSizes.last],
  ['pending_syncs', (view) => view.leader?.pendingSyncs],
  ['leader_uptime', (view) => floor(view.leader?.uptimeMs)],
  ['local_sessions', (view) => view.localSessionCount],
  ['uptime', (view) => floor(view.uptimeMs)],
  ['max_latency', (view) => view.statistics.requestLatencyMs.max],
  ['outstanding_tls_handshake', notCounted],
  ['learners', (view) => view.leader?.learners],
  ['min_client_response_size', (view) => view.statistics.clientResponseSizeBytes.min],
  ['non_mtls_local_conn_count', notCounted],
  ['quorum_size', (view) => view.config.ensemble?.voters.size],
];

/**
 * Returns 0 for a gauge that only ZooKeeper's Netty server counts. ZooKeeper's default server, NIO, also reports 0.
 */
function notCounted(): number {
  return 0;
}

function floor(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.floor(value);
}

/** Gauges that add up all quotas of a namespace. A namespace is the first element of a path. */
const quotaGauges: readonly [name: string, read: (quota: QuotaView) => number][] = [
  ['quota_bytes_limit_per_namespace', (quota) => quota.bytesLimit],
  ['quota_count_usage_per_namespace', (quota) => quota.countUsage],
  ['quota_count_limit_per_namespace', (quota) => quota.countLimit],
  ['quota_bytes_usage_per_namespace', (quota) => quota.bytesUsage],
];

/** Reads all gauges, in the order of `mntr`. */
export function* readGauges(view: ServerView): Iterable<GaugeSample> {
  for (const [name, read, type] of gauges) {
    const value = read(view);
    if (value !== undefined) yield sample(name, noLabels, value, type === 'double');
  }
  const quotas = [...view.quotas()];
  for (const [name, read] of quotaGauges) {
    for (const [key, sum] of sumByNamespace(quotas, read)) yield sample(name, { key }, sum, false);
  }
}

function sample(name: string, labels: Labels, value: number, isDouble: boolean): GaugeSample {
  return { name, kind: 'gauge', labels, value, isDouble };
}

function sumByNamespace(quotas: readonly QuotaView[], read: (quota: QuotaView) => number): Map<string, number> {
  const sums = new Map<string, number>();
  for (const quota of quotas) {
    const namespace = quota.path.split('/')[1];
    if (namespace) sums.set(namespace, (sums.get(namespace) ?? 0) + read(quota));
  }
  return sums;
}
