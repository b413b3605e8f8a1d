import type { ServerConfig } from '../config/server-config.js';
import type { LeaderReport } from '../zab/replica.js';
import type { Metrics } from './metrics.js';
import type { ConnectionStatistics, ServerStatistics, SizeStatistics } from './statistics.js';

/** One client connection as an operator sees it. */
export interface ConnectionView {
  /** `127.0.0.1:50522`, an IPv6 address as `[0:0:0:0:0:0:0:1]:50522`. */
  readonly remoteAddress: string;
  /** 0 before the handshake and for a four-letter word. */
  readonly sessionId: bigint;
  readonly sessionTimeoutMs: number;
  /** When the connection was accepted, on the wall clock. */
  readonly establishedMs: number;
  /** Whether the server waits for bytes of the client: not while it is throttled, nor for a four-letter word. */
  readonly wantsRead: boolean;
  /** Whether bytes wait for the client to read them. */
  readonly wantsWrite: boolean;
  /** Requests received and not yet answered. */
  readonly outstandingRequests: number;
  readonly statistics: ConnectionStatistics;
}

/** Things that expire together. */
export interface ExpiryBucket<Item> {
  /** On the wall clock. */
  readonly expiresMs: number;
  readonly items: Iterable<Item> & { readonly size: number };
}

/** One quota, for the metrics by namespace. */
export interface QuotaView {
  /** The path the quota stands on, `/app/jobs`. */
  readonly path: string;
  /** The hard limit when there is one (above -1), the soft one otherwise. */
  readonly countLimit: number;
  readonly bytesLimit: number;
  readonly countUsage: number;
  readonly bytesUsage: number;
}

/** What only a leader has to tell. */
export interface LeaderView extends LeaderReport {
  readonly uptimeMs: number;
  readonly proposalSizes: SizeStatistics;
}

/**
 * The running server as four-letter words (and later commands over HTTP) see it. Everything is read at the time of the
 * call; iterables are walked at once and not kept.
 */
export interface ServerView {
  /** False until recovery is done and after stopping has begun: only few words answer then. */
  readonly serving: boolean;
  readonly readOnly: boolean;
  /** As in `Mode:` and `zk_server_state`. */
  readonly mode: 'standalone' | 'leader' | 'follower' | 'observer' | 'read-only';
  readonly config: ServerConfig;
  /** The port that is listened on. */
  readonly clientPort: number;
  /** 0 for a standalone server. */
  readonly serverId: number;
  /** Absolute, with `version-2`. */
  readonly snapshotDirectory: string;
  readonly logDirectory: string;
  /** Sizes of all files in these directories. */
  readonly snapshotDirectorySizeBytes: number;
  readonly logDirectorySizeBytes: number;
  readonly uptimeMs: number;
  /** Undefined for everyone who does not lead. */
  readonly leader: LeaderView | undefined;
  /** The server that this one learns from, if there is one. */
  readonly learnerMasterId: number | undefined;

  readonly statistics: ServerStatistics;
  readonly metrics: Metrics;
  /** Requests in the pipeline. */
  readonly outstandingRequests: number;
  readonly lastProcessedZxid: number;
  /** The chance that a new session is refused, 0 to 1. */
  readonly connectionDropProbability: number;
  /** Undefined where the system does not tell; the line is left out then. */
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
  /** Sorted by time; empty buckets count too, as long as the session tracker keeps them. */
  sessionBuckets(): Iterable<ExpiryBucket<bigint>>;
  /** All sessions of the ensemble, by ascending id; a learner knows no more of them. */
  globalSessions(): Iterable<{ readonly id: bigint; readonly timeoutMs: number }>;
  connectionBuckets(): Iterable<ExpiryBucket<ConnectionView>>;
  /** The paths of every session that owns ephemerals. */
  ephemerals(): ReadonlyMap<bigint, Iterable<string>>;
  /** Data watches (as in Apache, child watches are in none of the reports), by path and by session. */
  watchesByPath(): ReadonlyMap<string, Iterable<bigint>>;
  watchesBySession(): ReadonlyMap<bigint, Iterable<string> & { readonly size: number }>;
  /** The digest log, oldest first. */
  digests(): Iterable<{ readonly zxid: number; readonly digest: bigint }>;
  quotas(): Iterable<QuotaView>;
  /** Key and value of each line of `envi` after `zookeeper.version`. */
  environment(): Iterable<readonly [key: string, value: string]>;

  /** Set by `stmk`. 306 at start. */
  traceMask: bigint;
}
