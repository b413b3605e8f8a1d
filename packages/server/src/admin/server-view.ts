import type { ServerConfig } from '../config/server-config.js';
import type { LeaderReport } from '../zab/replica.js';
import type { Metrics } from './metrics.js';
import type { ConnectionStatistics, ServerStatistics, SizeStatistics } from './statistics.js';

/** A client connection, as four-letter words report it. */
export interface ConnectionView {
  /** Address and port: `127.0.0.1:50522`, or with IPv6 `[0:0:0:0:0:0:0:1]:50522`. */
  readonly remoteAddress: string;
  /** 0 before the handshake, and for a connection that sent a four-letter word. */
  readonly sessionId: bigint;
  readonly sessionTimeoutMs: number;
  /** Wall-clock time when the connection was accepted. */
  readonly establishedMs: number;
  /** True if the server reads from the client. False while the client is throttled, and after a four-letter word. */
  readonly wantsRead: boolean;
  /** True if there are bytes that the client has not received yet. */
  readonly wantsWrite: boolean;
  /** Number of requests that were received and not answered yet. */
  readonly outstandingRequests: number;
  readonly statistics: ConnectionStatistics;
}

/** Sessions or connections that expire at the same time. */
export interface ExpiryBucket<Item> {
  /** Wall-clock time at which the items expire. */
  readonly expiresMs: number;
  readonly items: Iterable<Item> & { readonly size: number };
}

/** Limits and usage of one quota, for the metrics by namespace. */
export interface QuotaView {
  /** The path that the quota applies to, for example `/app/jobs`. */
  readonly path: string;
  /** The hard limit on the number of nodes if it is set (above -1), otherwise the soft limit. */
  readonly countLimit: number;
  /** The hard limit on the number of bytes if it is set (above -1), otherwise the soft limit. */
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
 * The state of the running server, for four-letter words and, in future, for commands over HTTP. Reading a property
 * returns its present value. Consume an iterable at once, because later changes of the server's state affect it.
 */
export interface ServerView {
  /**
   * False while the server serves no clients, for example before recovery completes and after stopping begins. Only a
   * few four-letter words then give their usual answer.
   */
  readonly serving: boolean;
  readonly readOnly: boolean;
  /** The role that `srvr` prints as `Mode:`, and `mntr` as `zk_server_state`. */
  readonly mode: 'standalone' | 'leader' | 'follower' | 'observer' | 'read-only';
  readonly config: ServerConfig;
  /** The port on which the server listens for clients. */
  readonly clientPort: number;
  /** The server's id in its ensemble; 0 for a standalone server. */
  readonly serverId: number;
  /** Absolute path of the directory with the snapshots, including `version-2`. */
  readonly snapshotDirectory: string;
  /** Absolute path of the directory with the transaction logs, including `version-2`. */
  readonly logDirectory: string;
  /** Total size of the files in `snapshotDirectory`. */
  readonly snapshotDirectorySizeBytes: number;
  /** Total size of the files in `logDirectory`. */
  readonly logDirectorySizeBytes: number;
  readonly uptimeMs: number;
  /** The values that only a leader has; undefined unless this server leads. */
  readonly leader: LeaderView | undefined;
  /** The id of the server from which this server learns; undefined if there is none. */
  readonly learnerMasterId: number | undefined;

  readonly statistics: ServerStatistics;
  readonly metrics: Metrics;
  /** Number of requests of all clients that were received and not answered yet. */
  readonly outstandingRequests: number;
  readonly lastProcessedZxid: number;
  /** The probability that the connection throttle refuses a new session, 0 to 1. */
  readonly connectionDropProbability: number;
  /**
   * Number of open file descriptors. Undefined if the operating system does not report the number; `mntr` then omits
   * the line.
   */
  readonly openFileDescriptorCount: number | undefined;
  readonly maxFileDescriptorCount: number | undefined;

  readonly nodeCount: number;
  /** Total number of data, child and persistent watches. */
  readonly watchCount: number;
  readonly ephemeralCount: number;
  readonly approximateDataSizeBytes: number;
  readonly globalSessionCount: number;
  readonly localSessionCount: number;
  readonly connectionCount: number;

  connections(): Iterable<ConnectionView>;
  /** The session ids in each bucket. Buckets are sorted by the time at which their sessions expire. */
  sessionBuckets(): Iterable<ExpiryBucket<bigint>>;
  /**
   * All sessions of the ensemble in ascending order of id. A learner knows only the id and the timeout of a session.
   */
  globalSessions(): Iterable<{ readonly id: bigint; readonly timeoutMs: number }>;
  connectionBuckets(): Iterable<ExpiryBucket<ConnectionView>>;
  /** The paths of ephemeral nodes, by session id. */
  ephemerals(): ReadonlyMap<bigint, Iterable<string>>;
  /** The ids of the sessions with a data watch, by path. As in ZooKeeper, child watches are in no report. */
  watchesByPath(): ReadonlyMap<string, Iterable<bigint>>;
  watchesBySession(): ReadonlyMap<bigint, Iterable<string> & { readonly size: number }>;
  /** The entries of the digest log, oldest first. */
  digests(): Iterable<{ readonly zxid: number; readonly digest: bigint }>;
  quotas(): Iterable<QuotaView>;
  /** Key and value of each line that `envi` prints after `zookeeper.version`. */
  environment(): Iterable<readonly [key: string, value: string]>;

  /** The trace mask, which `stmk` sets; 306 when the server starts. */
  traceMask: bigint;
}
