import { createMetrics } from '../../src/admin/metrics.js';
import type { ConnectionView, ServerView } from '../../src/admin/server-view.js';
import { ConnectionStatistics, ServerStatistics } from '../../src/admin/statistics.js';
import { defaultConfig } from '../../src/config/server-config.js';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The view of a server without nodes and connections. Every four-letter word is allowed. */
export function emptyView(): Mutable<ServerView> {
  return {
    serving: true,
    readOnly: false,
    mode: 'standalone',
    config: { ...defaultConfig(), fourLetterWordWhitelist: ['*'] },
    clientPort: 2181,
    serverId: 0,
    snapshotDirectory: '/data/version-2',
    logDirectory: '/data/version-2',
    snapshotDirectorySizeBytes: 0,
    logDirectorySizeBytes: 0,
    uptimeMs: 0,
    leader: undefined,
    learnerMasterId: undefined,
    statistics: new ServerStatistics(),
    metrics: createMetrics(),
    outstandingRequests: 0,
    lastProcessedZxid: 0,
    connectionDropProbability: 0,
    openFileDescriptorCount: 35,
    maxFileDescriptorCount: 20_000,
    nodeCount: 5,
    watchCount: 0,
    ephemeralCount: 0,
    approximateDataSizeBytes: 44,
    globalSessionCount: 0,
    localSessionCount: 0,
    connectionCount: 0,
    connections: () => [],
    sessionBuckets: () => [],
    globalSessions: () => [],
    connectionBuckets: () => [],
    ephemerals: () => new Map(),
    watchesByPath: () => new Map(),
    watchesBySession: () => new Map(),
    digests: () => [],
    quotas: () => [],
    environment: () => [],
    traceMask: 306n,
  };
}

/** The view of a connection that has not completed its handshake. */
export function connection(remoteAddress: string, more: Partial<ConnectionView> = {}): ConnectionView {
  return {
    remoteAddress,
    sessionId: 0n,
    sessionTimeoutMs: 0,
    establishedMs: 0,
    wantsRead: true,
    wantsWrite: false,
    outstandingRequests: 0,
    statistics: new ConnectionStatistics(),
    ...more,
  };
}
