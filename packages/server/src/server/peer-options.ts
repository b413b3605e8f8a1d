import type { ServerConfig } from '../config/server-config.js';
import type { EnsembleConfig } from '../membership/index.js';
import type { PeerOptions } from '../zab/peer.js';

/** Derives the options of ZAB from the configuration. */
export function peerOptions(config: ServerConfig, ensemble: EnsembleConfig, myId: number): PeerOptions {
  const { tickTimeMs, syncLimitTicks } = config;
  return {
    myId,
    ensemble,
    tickTimeMs,
    initLimit: config.initLimitTicks,
    syncLimit: syncLimitTicks,
    connectLimit: config.connectToLearnerMasterLimitTicks || config.initLimitTicks,
    helloLimitMs: config.quorumCnxnTimeoutMs < 0 ? tickTimeMs * syncLimitTicks : config.quorumCnxnTimeoutMs,
    epochWaitMs: config.leaderMaxTimeToWaitForEpochMs,
    sync: {
      forcesSnapshots: config.forceSnapshotSync,
      snapshotsMax: config.leaderMaxConcurrentSnapSyncs,
      differencesMax: config.leaderMaxConcurrentDiffSyncs,
    },
    shortestNotificationMs: config.fastLeaderMinNotificationIntervalMs,
    longestNotificationMs: config.fastLeaderMaxNotificationIntervalMs,
    reconfigEnabled: config.reconfigEnabled,
    listensOnAllAddresses: config.quorumListenOnAllIps,
    bindAttempts: config.electionPortBindRetry,
  };
}
