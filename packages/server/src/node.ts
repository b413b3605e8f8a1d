import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ExitCode } from './cli/exit-codes.js';
import { processEnvironment } from './cli/process-environment.js';
import type { RunningServer } from './cli/running-server.js';
import type { ServerConfig } from './config/server-config.js';
import type { Logger } from './log/logger.js';
import { loadDatabase } from './pipeline/load-database.js';
import { ServerCore } from './pipeline/server-core.js';
import { nodeDisk } from './ports/node/node-disk.js';
import { listen } from './ports/node/node-network.js';
import { nodeScheduler } from './ports/node/node-scheduler.js';
import { openDirectories } from './storage/open-directories.js';

/** Starts a server on the real disk, network and clock. Rejects when its files or its port cannot be had. */
export async function startServer(given: ServerConfig, logger: Logger): Promise<RunningServer> {
  refuseEnsemble(given);
  const config = { ...given, dataDir: resolve(given.dataDir), dataLogDir: resolve(given.dataLogDir) };
  const lock = openDirectories(nodeDisk, config);
  let started: ServerCore | undefined;
  try {
    const startMs = nodeScheduler.monotonicMs();
    const database = loadDatabase(nodeDisk, config, Math.floor(Math.random() * 0x7fffffff), logger);
    const ports = {
      disk: nodeDisk,
      scheduler: nodeScheduler,
      random: Math.random,
      fileDescriptors,
      environment: processEnvironment,
    };
    const core = new ServerCore(config, ports, database, logger);
    core.metrics.dbinittime.add(Math.round(nodeScheduler.monotonicMs() - startMs));
    if (database.recovered.firstStart) await firstSnapshot(core);
    const host = config.clientPortAddress ?? undefined;
    started = core;
    core.start();
    const listener = await listen(
      { port: config.clientPort, host, backlog: config.clientPortListenBacklog, keepAlive: config.clientTcpKeepAlive },
      (transport) => core.accept(transport),
    );
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
    started?.stop();
    lock.release();
    throw error;
  }
}

/** There is no write path of an ensemble yet: what its configuration says is read and checked, and that is all. */
function refuseEnsemble({ ensemble, myId }: ServerConfig): void {
  if (ensemble === null) return;
  const message = `the configuration of server.${myId} in an ensemble of ${ensemble.members.size} is valid, but ensembles are not supported yet; leave one server line to run standalone`;
  throw Object.assign(new Error(message), { exitCode: ExitCode.invalidInvocation });
}

/** A directory that holds a log and no snapshot is refused at the next start, so the empty tree is written first. */
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
