import type { EnsembleConfig } from '../membership/ensemble-config.js';
import type { ServerId } from '../membership/member.js';

/**
 * Everything a server can be told, after zoo.cfg, the environment and the command line have been read and checked.
 * Flat, one field per option; units stand last in a name. The table in `options.ts` says which key fills which field.
 */
export interface ServerConfig {
  // Files
  /** Directory of snapshots (in `version-2/` below it), as it was written: relative to the working directory. */
  dataDir: string;
  /** Directory of transaction logs; equals `dataDir` unless set. */
  dataLogDir: string;
  datadirAutocreate: boolean;
  /** An empty directory is a valid empty database. */
  dbAutocreate: boolean;
  /** Transaction logs without any snapshot are replayed on an empty tree instead of being refused. */
  snapshotTrustEmpty: boolean;
  preAllocSizeKb: number;
  /** Transactions between snapshots (the actual number is drawn between one half and all of it). */
  snapCount: number;
  /** Log KiB between snapshots; zero or less: no limit. */
  snapSizeLimitInKb: number;
  /** Rolls the log once it is larger; negative: no limit. */
  txnLogSizeLimitInKb: number;
  /** False skips fdatasync: an acknowledged write may be lost with the machine. */
  forceSync: boolean;
  fsyncWarningThresholdMs: number;
  digestEnabled: boolean;
  closeSessionTxnEnabled: boolean;
  serializeLastProcessedZxidEnabled: boolean;
  snapshotCompressionMethod: 'none' | 'gzip' | 'snappy';
  /** Snapshots that purging keeps, at least 3. */
  autopurgeSnapRetainCount: number;
  /** Hours between purges, which also run after each snapshot; 0 turns purging off altogether. */
  autopurgePurgeIntervalHours: number;
  /** The zxid an empty database starts with; for tests. */
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
  /** Connections in all; 0: no limit. */
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
  /** A reconfiguration that was proposed and not committed when the server stopped. */
  lastSeenEnsemble: EnsembleConfig | null;
  /** This server's id, a member of `ensemble`; null: standalone. */
  myId: ServerId | null;
  /** File of the membership, as it was written: relative to the working directory. */
  dynamicConfigFile: string | null;
  /** A single voter runs standalone instead of as an ensemble of one. */
  standaloneEnabled: boolean;
  /** Committed transactions that are kept for learners. */
  commitLogCount: number;
  /** Of the newest snapshot's size: learners are sent up to so much from the logs. Negative: never. */
  snapshotSizeFactor: number;
  forceSnapshotSync: boolean;
  /** Ticks to connect to the leader and catch up; set in every ensemble. */
  initLimitTicks: number;
  /** Ticks without a word after which a server is given up; set in every ensemble. */
  syncLimitTicks: number;
  /** Ticks to connect to the leader; equals `initLimitTicks` unless set. */
  connectToLearnerMasterLimitTicks: number;
  quorumListenOnAllIps: boolean;
  /** Configurations that other servers have are taken over; ours cannot make one yet. */
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
  /** Silence in an election handshake; `syncLimitTicks` in ms unless set. */
  quorumCnxnTimeoutMs: number;
  quorumTcpKeepAlive: boolean;
  /** 0: for ever. */
  electionPortBindRetry: number;
  fastLeaderMinNotificationIntervalMs: number;
  fastLeaderMaxNotificationIntervalMs: number;
  leaderServes: boolean;
  /** -1: for ever. */
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
  /** Requests above this many bytes count as large; -1: none does. */
  largeRequestThresholdBytes: number;
  /** What the watches of one connection may take. */
  watchBytesMax: number;

  // Tree
  /** TTL nodes may be created. */
  extendedTypesEnabled: boolean;
  /** TTLs are written in the encoding of 3.5.3. */
  emulate353TtlNodes: boolean;
  containerCheckIntervalMs: number;
  containerMaxPerMinute: number;
  /** 0: a container that never had a child is never reaped. */
  containerMaxNeverUsedIntervalMs: number;
  enforceQuota: boolean;

  // Access
  skipAcl: boolean;
  /** Entries of an ACL that a client may set. */
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
  /** Of session passwords, the same on every server; null: they are Apache's. Never logged. */
  sessionSecret: string | null;
  /** File with it. */
  sessionSecretFile: string | null;
  /** Names of the ensemble that `addauth ensemble <name>` is checked against; empty: not checked. */
  ensembleAuthNames: readonly string[];

  // Operations
  /** Four-letter words as listed by the operator; `*` stands for all. See `admin/whitelist.ts` for the rule. */
  fourLetterWordWhitelist: readonly string[];
  readOnlyModeEnabled: boolean;
}

/** The configuration of a server that was told nothing: standalone on port 2181, data in `./data`. */
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
