import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RunningServer } from './cli/running-server.js';
import type { ServerConfig } from './config/server-config.js';
import { LimitedLogger } from './log/limited-logger.js';
import type { Logger } from './log/logger.js';
import type { EnsembleConfig } from './membership/index.js';
import { EnsembleReplica } from './pipeline/ensemble-replica.js';
import { loadDatabase } from './pipeline/load-database.js';
import { ServerCore } from './pipeline/server-core.js';
import type { DiskLock } from './ports/disk.js';
import type { Accept } from './ports/network.js';
import { nodeDisk } from './ports/node/node-disk.js';
import { type Listener, listen } from './ports/node/node-network.js';
import { nodePeers } from './ports/node/node-peers.js';
import { nodeRandom } from './ports/node/node-random.js';
import { nodeScheduler } from './ports/node/node-scheduler.js';
import { processEnvironment } from './ports/node/process-environment.js';
import { openDirectories } from './storage/open-directories.js';
import { randomHashKey } from './tree/path-hash.js';
import { Epochs } from './zab/epochs.js';
import { Peer } from './zab/peer.js';

/** Starts a server on the real disk, network and clock. Rejects when its files or its port cannot be had. */
export async function startServer(given: ServerConfig, logger: Logger): Promise<RunningServer> {
  const config = { ...given, dataDir: resolve(given.dataDir), dataLogDir: resolve(given.dataLogDir) };
  const lock = openDirectories(nodeDisk, config);
  const lines = new LimitedLogger(logger, nodeScheduler);
  const stopLines = nodeScheduler.every(1000, () => lines.flush());
  try {
    const server =
      config.ensemble === null
        ? await startStandalone(config, lines, lock)
        : await startMember(config, config.ensemble, config.myId!, lines, lock);
    return {
      ...server,
      async stop() {
        await server.stop();
        stopLines();
        lines.end();
      },
    };
  } catch (error) {
    stopLines();
    lines.end();
    lock.release();
    throw error;
  }
}

const corePorts = {
  disk: nodeDisk,
  scheduler: nodeScheduler,
  random: nodeRandom,
  fileDescriptors,
  environment: processEnvironment,
};

async function startStandalone(config: ServerConfig, logger: Logger, lock: DiskLock): Promise<RunningServer> {
  const startMs = nodeScheduler.monotonicMs();
  const database = loadDatabase(nodeDisk, config, randomHashKey(nodeRandom), logger, nodeScheduler);
  const core = new ServerCore(config, corePorts, database, logger);
  core.metrics.dbinittime.add(Math.round(nodeScheduler.monotonicMs() - startMs));
  if (database.recovered.snapshotZxid < 0) await firstSnapshot(core);
  core.start();
  try {
    const listener = await listenForClients(config, (transport) => core.accept(transport));
    core.view.clientPort = listener.port;
    return {
      port: listener.port,
      async stop() {
        listener.close();
        core.stop();
        await logClosed(core);
        lock.release();
      },
    };
  } catch (error) {
    core.stop();
    throw error;
  }
}

/** One server of an ensemble: it takes clients from the start, and serves them once there is a leader. */
async function startMember(
  config: ServerConfig,
  ensemble: EnsembleConfig,
  myId: number,
  logger: Logger,
  lock: DiskLock,
): Promise<RunningServer> {
  let fail: (reason: string, exitCode?: number) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = (reason, exitCode) => reject(Object.assign(new Error(reason), { exitCode }));
  });
  failed.catch(() => {});
  const startMs = nodeScheduler.monotonicMs();
  const replica = new EnsembleReplica(config, { ...corePorts, serverId: myId }, logger, fail);
  replica.meter.metrics.dbinittime.add(Math.round(nodeScheduler.monotonicMs() - startMs));
  if (replica.lacksSnapshot) await firstSnapshot(replica.core);
  const epochs = new Epochs(nodeDisk, config.dataDir, replica.lastZxid);
  const peers = nodePeers({
    connectTimeoutMs: config.cnxTimeoutMs,
    keepAlive: config.quorumTcpKeepAlive,
  });
  const options = {
    myId,
    ensemble,
    tickTimeMs: config.tickTimeMs,
    initLimit: config.initLimitTicks,
    syncLimit: config.syncLimitTicks,
    connectLimit: config.connectToLearnerMasterLimitTicks || config.initLimitTicks,
    helloLimitMs:
      config.quorumCnxnTimeoutMs < 0 ? config.tickTimeMs * config.syncLimitTicks : config.quorumCnxnTimeoutMs,
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
  const peer = new Peer(options, replica, epochs, { peers, scheduler: nodeScheduler }, logger, fail);
  const listener = await listenForClients(config, (transport) => replica.core.accept(transport));
  replica.clientPort = listener.port;
  peer.start();
  return {
    port: listener.port,
    failed,
    async stop() {
      listener.close();
      peer.stop();
      replica.stop();
      await logClosed(replica.core);
      lock.release();
    },
  };
}

async function listenForClients(config: ServerConfig, accept: Accept): Promise<Listener> {
  const { clientPort: port, clientPortListenBacklog: backlog, clientTcpKeepAlive: keepAlive } = config;
  const host = config.clientPortAddress ?? undefined;
  try {
    return await listen({ port, host, backlog, keepAlive }, accept);
  } catch (error) {
    const address = `${host ?? '0.0.0.0'}:${port}`;
    throw new Error(`cannot listen on ${address}, the clientPort: ${(error as Error).message}`);
  }
}

/** A directory that holds a log and no snapshot is refused at the next start, so the tree is written before anything else. */
function firstSnapshot(core: ServerCore): Promise<void> {
  return new Promise((done, fail) => core.snapshots.take((error) => (error === undefined ? done() : fail(error))));
}

function logClosed(core: ServerCore): Promise<void> {
  return new Promise((done) => {
    const look = () => (core.log.inFlight && core.log.failed === undefined ? setTimeout(look, 1) : done());
    look();
  });
}

function fileDescriptors(): { open: number | undefined; max: number | undefined } {
  try {
    const max = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return { open: readdirSync('/proc/self/fd').length, max: max === undefined ? undefined : Number(max) };
  } catch {
    return { open: undefined, max: undefined };
  }
}
