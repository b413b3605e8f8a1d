import type { ServerConfig } from '../config/server-config.js';
import type { LeaderReport } from '../zab/replica.js';
import type { Metrics } from './metrics.js';
import type { ConnectionStatistics, ServerStatistics, SizeStatistics } from './statistics.js';

/** A client connection as the admin words show it. */
export interface ConnectionView {
  /** `127.0.0.1:50522`; with IPv6 `[0:0:0:0:0:0:0:1]:50522`. */
  readonly remoteAddress: string;
  /** 0 before the handshake and for a connection that sent a four-letter word. */
  readonly sessionId: bigint;
  readonly sessionTimeoutMs: number;
  /** Wall-clock time when the connection was accepted. */
  readonly establishedMs: number;
  /** Whether the server reads from the client. False while it is throttled, and after a four-letter word. */
  readonly wantsRead: boolean;
  /** Whether unsent bytes are waiting for the client. */
  readonly wantsWrite: boolean;
  /** Number of requests received but not answered. */
  readonly outstandingRequests: number;
  readonly statistics: ConnectionStatistics;
}

/** Items that expire at the same time. */
export interface ExpiryBucket<Item> {
  /** Wall-clock time. */
  readonly expiresMs: number;
  readonly items: Iterable<Item> & { readonly size: number };
}

/** One quota, for the metrics by namespace. */
export interface QuotaView {
  /** The path that the quota applies to, `/app/jobs`. */
  readonly path: string;
  /** The hard limit if there is one (above -1), otherwise the soft limit. */
  readonly countLimit: number;
  readonly bytesLimit: number;
  readonly countUsage: number;
  readonly bytesUsage: number;
}

/** Values that only a leader has. */
export interface LeaderView extends LeaderReport {
  readonly uptimeMs: number;
  readonly proposalSizes: SizeStatistics;
}

/**
 * The running server's state for four-letter words, and later for commands over HTTP. Every property is read at the
 * time of the call. Consume iterables immediately and do not keep them.
 */
export interface ServerView {
  /** False before recovery completes and once stopping begins. Only a few words answer then. */
  readonly serving: boolean;
  readonly readOnly: boolean;
  /** The value of `Mode:` and `zk_server_state`. */
  readonly mode: 'standalone' | 'leader' | 'follower' | 'observer' | 'read-only';
  readonly config: ServerConfig;
  /** The port on which the server listens. */
  readonly clientPort: number;
  /** 0 for a standalone server. */
  readonly serverId: number;
  /** Absolute path, including `version-2`. */
  readonly snapshotDirectory: string;
  readonly logDirectory: string;
  /** Total size of the files in each directory. */
  readonly snapshotDirectorySizeBytes: number;
  readonly logDirectorySizeBytes: number;
  readonly uptimeMs: number;
  /** Undefined unless this server leads. */
  readonly leader: LeaderView | undefined;
  /** The id of the server from which this server learns; undefined if there is none. */
  readonly learnerMasterId: number | undefined;

  readonly statistics: ServerStatistics;
  readonly metrics: Metrics;
  /** Requests in the pipeline. */
  readonly outstandingRequests: number;
  readonly lastProcessedZxid: number;
  /** The probability that a new session is refused, 0 to 1. */
  readonly connectionDropProbability: number;
  /** Undefined if the operating system does not report it. The line is then omitted. */
  readonly openFileDescriptorCount: number | undefined;
  readonly maxFileDescriptorCount: number | undefined;

  readonly nodeCount: number;
  /** Data, child and persistent watches. */
  readonly watchCount: number;
  readonly ephemeralCount: number;
  readonly approximateDataSizeBytes: number;
  readonly globalSessionCount: number;
  readonly localSessionCount: number;
  readonly connectionCount: number;

  connections(): Iterable<ConnectionView>;
  /** Sorted by time. Includes empty buckets while the session tracker keeps them. */
  sessionBuckets(): Iterable<ExpiryBucket<bigint>>;
  /** All sessions of the ensemble in ascending order of id. A learner knows only id and timeout. */
  globalSessions(): Iterable<{ readonly id: bigint; readonly timeoutMs: number }>;
  connectionBuckets(): Iterable<ExpiryBucket<ConnectionView>>;
  /** The ephemeral paths by session. */
  ephemerals(): ReadonlyMap<bigint, Iterable<string>>;
  /** Data watches by path and by session. As in ZooKeeper, no report contains child watches. */
  watchesByPath(): ReadonlyMap<string, Iterable<bigint>>;
  watchesBySession(): ReadonlyMap<bigint, Iterable<string> & { readonly size: number }>;
  /** The digest log, oldest first. */
  digests(): Iterable<{ readonly zxid: number; readonly digest: bigint }>;
  quotas(): Iterable<QuotaView>;
  /** Key and value of each line of `envi` after `zookeeper.version`. */
  environment(): Iterable<readonly [key: string, value: string]>;

  /** Set by `stmk`; 306 at start. */
  traceMask: bigint;
}
