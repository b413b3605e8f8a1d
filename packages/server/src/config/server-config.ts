import type { EnsembleConfig } from '../membership/ensemble-config.js';
import type { ServerId } from '../membership/member.js';

/**
 * The complete configuration of a server after zoo.cfg, the environment and the command line have been read and
 * checked. The interface has one field for each option. A field's name ends with its unit. The table in `options.ts`
 * maps keys to fields.
 */
export interface ServerConfig {
  // Files
  /**
   * The directory whose subdirectory `version-2` contains the snapshots. A relative path starts at the working
   * directory.
   */
  dataDir: string;
  /** The directory that contains the transaction logs; equals `dataDir` unless set. */
  dataLogDir: string;
  datadirAutocreate: boolean;
  /** True if an empty directory counts as a valid, empty database. */
  dbAutocreate: boolean;
  /**
   * True if transaction logs without a snapshot are replayed on an empty tree. If false, recovery fails without a
   * snapshot.
   */
  snapshotTrustEmpty: boolean;
  preAllocSizeKb: number;
  /**
   * Number of transactions between snapshots. The actual number is random, between one half of this number and all of
   * it.
   */
  snapCount: number;
  /** Size of the log between snapshots, in KiB; zero or less for no limit. */
  snapSizeLimitInKb: number;
  /** When a log file exceeds this size in KiB, the log continues in a new file. A negative value sets no limit. */
  txnLogSizeLimitInKb: number;
  /** If false, the server does not call fdatasync. A crash of the machine may then lose acknowledged writes. */
  forceSync: boolean;
  fsyncWarningThresholdMs: number;
  digestEnabled: boolean;
  closeSessionTxnEnabled: boolean;
  serializeLastProcessedZxidEnabled: boolean;
  snapshotCompressionMethod: 'none' | 'gzip' | 'snappy';
  /** The number of snapshots that a purge keeps, at least 3. The newest ones are kept. */
  autopurgeSnapRetainCount: number;
  /**
   * Hours between purges of old snapshots and logs. A purge also follows each snapshot. 0 disables purging completely.
   */
  autopurgePurgeIntervalHours: number;
  /** The first zxid of an empty database, for tests; null if it is not set. */
  testingInitialZxid: number | null;

  // Client connections
  /** TCP port for clients; 0 picks a free port. */
  clientPort: number;
  /** Address on which the server listens for clients; null for every address. */
  clientPortAddress: string | null;
  /** Length of the listen backlog. -1 stands for 50, the length that Java passes to the operating system. */
  clientPortListenBacklog: number;
  clientTcpKeepAlive: boolean;
  /** Maximum number of connections from one client address; 0 for no limit. */
  maxClientCnxns: number;
  /** Maximum number of connections in total; 0 for no limit. */
  maxCnxns: number;
  nioSessionlessCnxnTimeoutMs: number;
  juteMaxBufferBytes: number;
  /** Additional bytes, above `juteMaxBufferBytes`, for records that the server itself enlarges. */
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
  /** The servers of the ensemble; null for a standalone server. */
  ensemble: EnsembleConfig | null;
  /**
   * The membership of a reconfiguration that was proposed but not committed when the server stopped; null if there is
   * none.
   */
  lastSeenEnsemble: EnsembleConfig | null;
  /** This server's id, which is a member of `ensemble`; null for a standalone server. */
  myId: ServerId | null;
  /** The membership file. A relative path starts at the working directory. */
  dynamicConfigFile: string | null;
  /** If true, a server that is the only voter runs standalone. If false, it runs as an ensemble of one server. */
  standaloneEnabled: boolean;
  /** Number of committed transactions that the server keeps in memory, to send them to learners. */
  commitLogCount: number;
  /**
   * A learner receives transactions from the log files only if these transactions are small enough. Their total size
   * must be at most this share of the newest snapshot's size. Otherwise the learner receives a snapshot. With a
   * negative value, the log files are never used.
   */
  snapshotSizeFactor: number;
  forceSnapshotSync: boolean;
  /** Maximum number of ticks for a learner to connect to the leader and synchronise. Required in an ensemble. */
  initLimitTicks: number;
  /** Number of ticks without a message after which a server counts as lost. Required in an ensemble. */
  syncLimitTicks: number;
  /** Maximum number of ticks for a learner to connect to the leader; equals `initLimitTicks` unless set. */
  connectToLearnerMasterLimitTicks: number;
  quorumListenOnAllIps: boolean;
  /**
   * If true, the server adopts a membership that another server has changed. nodekeeper itself cannot start a
   * reconfiguration yet.
   */
  reconfigEnabled: boolean;
  syncEnabled: boolean;
  /** True if observers write the log to disk; equals `syncEnabled` unless set. */
  observerSyncEnabled: boolean;
  localSessionsEnabled: boolean;
  localSessionsUpgradingEnabled: boolean;
  multiAddressEnabled: boolean;
  multiAddressReachabilityCheckEnabled: boolean;
  multiAddressReachabilityCheckTimeoutMs: number;
  cnxTimeoutMs: number;
  /** Maximum silence in an election handshake; equals the duration of `syncLimitTicks` unless set. */
  quorumCnxnTimeoutMs: number;
  quorumTcpKeepAlive: boolean;
  /** Number of attempts to listen on the election port; 0 for no limit. */
  electionPortBindRetry: number;
  fastLeaderMinNotificationIntervalMs: number;
  fastLeaderMaxNotificationIntervalMs: number;
  leaderServes: boolean;
  /**
   * Time that a new leader waits for a quorum to promise an epoch. After this time it steps down if a voter looks for a
   * leader again. With -1, it waits for `initLimitTicks`.
   */
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
  /** A request with more bytes than this counts as large. With -1, no request counts as large. */
  largeRequestThresholdBytes: number;
  /** Maximum memory for the watches of one connection, in bytes. */
  watchBytesMax: number;

  // Tree
  /** True if clients may create TTL nodes. */
  extendedTypesEnabled: boolean;
  /** True if TTLs are written in the encoding of ZooKeeper 3.5.3. */
  emulate353TtlNodes: boolean;
  containerCheckIntervalMs: number;
  containerMaxPerMinute: number;
  /** Time after which a container that never had a child is deleted; 0 for never. */
  containerMaxNeverUsedIntervalMs: number;
  enforceQuota: boolean;

  // Access
  skipAcl: boolean;
  /** Maximum number of entries in an ACL that a client sends. */
  aclEntriesMax: number;
  digestAuthEnabled: boolean;
  /** The super user's digest, `super:<hash>`; null if there is no super user. Never logged. */
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
  /**
   * The secret from which the server computes session passwords. It is the same on every server. If it is null, the
   * server uses ZooKeeper's algorithm, which needs no secret. Never logged.
   */
  sessionSecret: string | null;
  /** The file that contains `sessionSecret`. */
  sessionSecretFile: string | null;
  /** Ensemble names that `addauth ensemble <name>` accepts. If the list is empty, every name is accepted. */
  ensembleAuthNames: readonly string[];

  // Operations
  /** The operator's whitelist of four-letter words; `*` allows all words. `admin/whitelist.ts` applies the list. */
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
