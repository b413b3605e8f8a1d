import type { EnsembleConfig } from '../membership/ensemble-config.js';
import type { ServerId } from '../membership/member.js';

/**
 * The complete configuration of a server after zoo.cfg, the environment and the command line have been read and
 * checked. It is flat, one field per option, with units last in a name. The table in `options.ts` maps keys to fields.
 */
export interface ServerConfig {
  // Files
  /** Directory of snapshots (in `version-2/` below it) as configured, relative to the working directory. */
  dataDir: string;
  /** Directory of transaction logs; equals `dataDir` unless set. */
  dataLogDir: string;
  datadirAutocreate: boolean;
  /** An empty directory is a valid empty database. */
  dbAutocreate: boolean;
  /** Replay transaction logs without a snapshot on an empty tree instead of failing. */
  snapshotTrustEmpty: boolean;
  preAllocSizeKb: number;
  /** Transactions between snapshots. The actual number is random, between one half and all of it. */
  snapCount: number;
  /** KiB of log between snapshots; zero or less: no limit. */
  snapSizeLimitInKb: number;
  /** The log starts a new file after one that exceeds this size; negative: no limit. */
  txnLogSizeLimitInKb: number;
  /** False skips fdatasync: a crash of the machine may lose acknowledged writes. */
  forceSync: boolean;
  fsyncWarningThresholdMs: number;
  digestEnabled: boolean;
  closeSessionTxnEnabled: boolean;
  serializeLastProcessedZxidEnabled: boolean;
  snapshotCompressionMethod: 'none' | 'gzip' | 'snappy';
  /** Number of snapshots that purging keeps, at least 3. */
  autopurgeSnapRetainCount: number;
  /** Hours between purges, which also run after each snapshot; 0 disables purging completely. */
  autopurgePurgeIntervalHours: number;
  /** The first zxid of an empty database; for tests. */
  testingInitialZxid: number | null;

  // Client connections
  /** 0 picks a free port. */
  clientPort: number;
  /** Null listens on every address. */
  clientPortAddress: string | null;
  /** -1: 50, which is what Java passes to the operating system. */
  clientPortListenBacklog: number;
  clientTcpKeepAlive: boolean;
  /** Connections per client address; 0: no limit. */
  maxClientCnxns: number;
  /** Total number of connections; 0: no limit. */
  maxCnxns: number;
  nioSessionlessCnxnTimeoutMs: number;
  juteMaxBufferBytes: number;
  /** Tolerance above `juteMaxBufferBytes` for records that the server itself enlarges. */
  juteMaxBufferExtraSizeBytes: number;
  connectionThrottleTokens: number;
  connectionThrottleFillTimeMs: number;
  connectionThrottleFillCount: number;
  connectionThrottleFreezeTimeMs: number;
  connectionThrottleDropIncrease: number;
  connectionThrottleDropDecrease: number;
  connectionThrottleDecreaseRatio: number;
  connectionThrottleWeightEnabled: boolean;
  connectionThrottleGlobalSessionWeight: number;
  connectionThrottleLocalSessionWeight: number;
  connectionThrottleRenewSessionWeight: number;

  // Sessions
  tickTimeMs: number;
  minSessionTimeoutMs: number;
  maxSessionTimeoutMs: number;

  // Ensemble
  /** The servers of the ensemble; null: standalone. */
  ensemble: EnsembleConfig | null;
  /** The configuration of a reconfiguration that was proposed but not committed when the server stopped. */
  lastSeenEnsemble: EnsembleConfig | null;
  /** This server's id, a member of `ensemble`; null: standalone. */
  myId: ServerId | null;
  /** The membership file as configured, relative to the working directory. */
  dynamicConfigFile: string | null;
  /** A single voter runs standalone instead of as an ensemble of one. */
  standaloneEnabled: boolean;
  /** Number of committed transactions kept for learners. */
  commitLogCount: number;
  /**
   * Maximum log size sent to a learner instead of a snapshot, relative to the size of the newest snapshot. Negative:
   * never.
   */
  snapshotSizeFactor: number;
  forceSnapshotSync: boolean;
  /** Maximum ticks to connect to the leader and synchronise; required in an ensemble. */
  initLimitTicks: number;
  /** Ticks without a message after which a server counts as lost; required in an ensemble. */
  syncLimitTicks: number;
  /** Maximum ticks to connect to the leader; equals `initLimitTicks` unless set. */
  connectToLearnerMasterLimitTicks: number;
  quorumListenOnAllIps: boolean;
  /** Adopt configurations of other servers. nodekeeper cannot start a reconfiguration yet. */
  reconfigEnabled: boolean;
  syncEnabled: boolean;
  /** Whether observers log to disk; equals `syncEnabled` unless set. */
  observerSyncEnabled: boolean;
  localSessionsEnabled: boolean;
  localSessionsUpgradingEnabled: boolean;
  multiAddressEnabled: boolean;
  multiAddressReachabilityCheckEnabled: boolean;
  multiAddressReachabilityCheckTimeoutMs: number;
  cnxTimeoutMs: number;
  /** Maximum silence in an election handshake; `syncLimitTicks` in ms unless set. */
  quorumCnxnTimeoutMs: number;
  quorumTcpKeepAlive: boolean;
  /** 0: unlimited. */
  electionPortBindRetry: number;
  fastLeaderMinNotificationIntervalMs: number;
  fastLeaderMaxNotificationIntervalMs: number;
  leaderServes: boolean;
  /** -1: unlimited. */
  leaderMaxTimeToWaitForEpochMs: number;
  leaderMaxConcurrentSnapSyncs: number;
  leaderMaxConcurrentDiffSyncs: number;
  leaderAckLoggingFrequency: number;
  leaderNoDelay: boolean;
  followerNoDelay: boolean;
  leaderConnectDelayDuringRetryMs: number;
  observerReconnectDelayMs: number;
  observerElectionDelayMs: number;
  observerMasterSizeLimitBytes: number;

  // Requests
  globalOutstandingLimit: number;
  largeRequestMaxBytes: number;
  /** Requests above this size count as large; -1: none. */
  largeRequestThresholdBytes: number;
  /** Maximum memory for the watches of one connection. */
  watchBytesMax: number;

  // Tree
  /** TTL nodes may be created. */
  extendedTypesEnabled: boolean;
  /** Write TTLs in the encoding of 3.5.3. */
  emulate353TtlNodes: boolean;
  containerCheckIntervalMs: number;
  containerMaxPerMinute: number;
  /** 0: never reap a container that never had a child. */
  containerMaxNeverUsedIntervalMs: number;
  enforceQuota: boolean;

  // Access
  skipAcl: boolean;
  /** Maximum number of entries in a client's ACL. */
  aclEntriesMax: number;
  digestAuthEnabled: boolean;
  /** `super:<hash>`; never logged. */
  digestAuthSuperDigest: string | null;
  digestAuthAlgorithm:
    | 'sha1'
    | 'sha224'
    | 'sha256'
    | 'sha384'
    | 'sha512'
    | 'sha512-224'
    | 'sha512-256'
    | 'sha3-224'
    | 'sha3-256'
    | 'sha3-384'
    | 'sha3-512'
    | 'md5';
  enforceAuthEnabled: boolean;
  enforceAuthSchemes: readonly string[];
  /** Secret of session passwords, the same on every server; null for ZooKeeper's passwords. Never logged. */
  sessionSecret: string | null;
  /** File with the secret. */
  sessionSecretFile: string | null;
  /** Ensemble names that `addauth ensemble <name>` accepts; empty: any. */
  ensembleAuthNames: readonly string[];

  // Operations
  /** The operator's whitelist of four-letter words; `*` allows all. `admin/whitelist.ts` has the rule. */
  fourLetterWordWhitelist: readonly string[];
  readOnlyModeEnabled: boolean;
}

/** The default configuration: standalone on port 2181, data in `./data`. */
export function defaultConfig(): ServerConfig {
  return {
    dataDir: './data',
    dataLogDir: './data',
    datadirAutocreate: true,
    dbAutocreate: true,
    snapshotTrustEmpty: false,
    preAllocSizeKb: 65_536,
    snapCount: 100_000,
    snapSizeLimitInKb: 4_194_304,
    txnLogSizeLimitInKb: -1,
    forceSync: true,
    fsyncWarningThresholdMs: 1000,
    digestEnabled: true,
    closeSessionTxnEnabled: true,
    serializeLastProcessedZxidEnabled: true,
    snapshotCompressionMethod: 'none',
    autopurgeSnapRetainCount: 3,
    autopurgePurgeIntervalHours: 1,
    testingInitialZxid: null,

    clientPort: 2181,
    clientPortAddress: null,
    clientPortListenBacklog: -1,
    clientTcpKeepAlive: false,
    maxClientCnxns: 60,
    maxCnxns: 0,
    nioSessionlessCnxnTimeoutMs: 10_000,
    juteMaxBufferBytes: 1_048_575,
    juteMaxBufferExtraSizeBytes: 1_048_575,
    connectionThrottleTokens: 0,
    connectionThrottleFillTimeMs: 1,
    connectionThrottleFillCount: 1,
    connectionThrottleFreezeTimeMs: -1,
    connectionThrottleDropIncrease: 0.02,
    connectionThrottleDropDecrease: 0.002,
    connectionThrottleDecreaseRatio: 0,
    connectionThrottleWeightEnabled: false,
    connectionThrottleGlobalSessionWeight: 3,
    connectionThrottleLocalSessionWeight: 1,
    connectionThrottleRenewSessionWeight: 2,

    tickTimeMs: 3000,
    minSessionTimeoutMs: 6000,
    maxSessionTimeoutMs: 60_000,

    ensemble: null,
    lastSeenEnsemble: null,
    myId: null,
    dynamicConfigFile: null,
    standaloneEnabled: true,
    initLimitTicks: 0,
    syncLimitTicks: 0,
    commitLogCount: 500,
    snapshotSizeFactor: 0.33,
    forceSnapshotSync: false,
    connectToLearnerMasterLimitTicks: 0,
    quorumListenOnAllIps: false,
    reconfigEnabled: false,
    syncEnabled: true,
    observerSyncEnabled: true,
    localSessionsEnabled: false,
    localSessionsUpgradingEnabled: false,
    multiAddressEnabled: false,
    multiAddressReachabilityCheckEnabled: true,
    multiAddressReachabilityCheckTimeoutMs: 1000,
    cnxTimeoutMs: 5000,
    quorumCnxnTimeoutMs: -1,
    quorumTcpKeepAlive: false,
    electionPortBindRetry: 3,
    fastLeaderMinNotificationIntervalMs: 200,
    fastLeaderMaxNotificationIntervalMs: 60_000,
    leaderServes: true,
    leaderMaxTimeToWaitForEpochMs: -1,
    leaderMaxConcurrentSnapSyncs: 10,
    leaderMaxConcurrentDiffSyncs: 100,
    leaderAckLoggingFrequency: 1000,
    leaderNoDelay: true,
    followerNoDelay: true,
    leaderConnectDelayDuringRetryMs: 100,
    observerReconnectDelayMs: 0,
    observerElectionDelayMs: 200,
    observerMasterSizeLimitBytes: 33_554_432,

    globalOutstandingLimit: 1000,
    largeRequestMaxBytes: 104_857_600,
    largeRequestThresholdBytes: -1,
    watchBytesMax: 268_435_456,

    extendedTypesEnabled: false,
    emulate353TtlNodes: false,
    containerCheckIntervalMs: 60_000,
    containerMaxPerMinute: 10_000,
    containerMaxNeverUsedIntervalMs: 0,
    enforceQuota: false,

    skipAcl: false,
    aclEntriesMax: 1000,
    digestAuthEnabled: true,
    digestAuthSuperDigest: null,
    digestAuthAlgorithm: 'sha1',
    enforceAuthEnabled: false,
    enforceAuthSchemes: [],
    sessionSecret: null,
    sessionSecretFile: null,
    ensembleAuthNames: [],

    fourLetterWordWhitelist: [],
    readOnlyModeEnabled: false,
  };
}
