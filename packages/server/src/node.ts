import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ServerConfig } from './config/server-config.js';
import { LimitedLogger } from './log/limited-logger.js';
import type { Logger } from './log/logger.js';
import { nodeDisk } from './ports/node/node-disk.js';
import { type Listener, listen } from './ports/node/node-network.js';
import { nodePeers } from './ports/node/node-peers.js';
import { nodeRandom } from './ports/node/node-random.js';
import { nodeScheduler } from './ports/node/node-scheduler.js';
import { processEnvironment } from './ports/node/process-environment.js';
import { channelTrace, requestChannel } from './ports/node/trace-channel.js';
import { createServer } from './server/create-server.js';
import type { Server } from './server/server.js';
import { joined, type Trace } from './trace/trace.js';
import { type TraceFilter, TraceLog } from './trace/trace-log.js';

/** A server that has started and answers on its client port. */
export interface RunningServer {
  /** The port on which the server accepts clients. */
  readonly port: number;
  /**
   * Rejects with the reason when the server cannot continue. A standalone server retries forever, so its promise never
   * rejects.
   */
  readonly failed?: Promise<never>;
  /** Closes every connection and flushes the log. Resolves once the server has closed its files and its ports. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Selects requests. The server logs a line for each stage of a selected request. */
  readonly trace?: TraceFilter | undefined;
}

export type StartServer = (config: ServerConfig, logger: Logger, options?: StartOptions) => Promise<RunningServer>;

/**
 * Starts a server on the disk, network and clock of this machine. Resolves once the server accepts clients. Rejects if
 * its files or its port are not available. The error may have a numeric `exitCode` (see `cli/exit-codes.ts`). The
 * operator sees only the message of the error.
 */
export async function startServer(
  given: ServerConfig,
  logger: Logger,
  options: StartOptions = {},
): Promise<RunningServer> {
  const config = { ...given, dataDir: resolve(given.dataDir), dataLogDir: resolve(given.dataLogDir) };
  const lines = new LimitedLogger(logger, nodeScheduler);
  const stopLines = nodeScheduler.every(1000, () => lines.flush());
  const endLines = () => {
    stopLines();
    lines.end();
  };
  try {
    return await start(config, lines, options, endLines);
  } catch (error) {
    endLines();
    throw error;
  }
}

async function start(
  config: ServerConfig,
  logger: Logger,
  options: StartOptions,
  stopped: () => void,
): Promise<RunningServer> {
  let fail: (reason: string, exitCode?: number) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = (reason, exitCode) => reject(Object.assign(new Error(reason), { exitCode }));
  });
  failed.catch(() => {});
  const server = createServer(config, portsOf(config, traceOf(options, logger)), logger, { failed: fail });
  try {
    await prepared(server);
    const listener = await listenForClients(config, server);
    server.view.clientPort = listener.port;
    server.start();
    const stop = async () => {
      listener.close();
      await ended(server);
      stopped();
    };
    return { port: listener.port, failed, stop };
  } catch (error) {
    await ended(server);
    throw error;
  }
}

function traceOf({ trace }: StartOptions, logger: Logger): Trace | undefined {
  const traces: Trace[] = [];
  if (trace !== undefined) traces.push(new TraceLog(trace, logger, nodeScheduler));
  if (requestChannel.hasSubscribers) traces.push(channelTrace);
  return joined(traces);
}

function portsOf(config: ServerConfig, trace: Trace | undefined) {
  return {
    disk: nodeDisk,
    scheduler: nodeScheduler,
    random: nodeRandom,
    peers: nodePeers({ connectTimeoutMs: config.cnxTimeoutMs, keepAlive: config.quorumTcpKeepAlive }),
    fileDescriptors,
    environment: processEnvironment,
    trace,
  };
}

function prepared(server: Server): Promise<void> {
  return new Promise((done, fail) => server.prepare((error) => (error === undefined ? done() : fail(error))));
}

function ended(server: Server): Promise<void> {
  return new Promise((done) => server.stop(done));
}

async function listenForClients(config: ServerConfig, { clients }: Server): Promise<Listener> {
  const { clientPort: port, clientPortListenBacklog: backlog, clientTcpKeepAlive: keepAlive } = config;
  const host = config.clientPortAddress ?? undefined;
  try {
    return await listen({ port, host, backlog, keepAlive }, (transport) => clients.accept(transport));
  } catch (error) {
    const address = `${host ?? '0.0.0.0'}:${port}`;
    throw new Error(`cannot listen on ${address}, the clientPort: ${(error as Error).message}`);
  }
}

function fileDescriptors(): { open: number | undefined; max: number | undefined } {
  try {
    const max = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return { open: readdirSync('/proc/self/fd').length, max: max === undefined ? undefined : Number(max) };
  } catch {
    return { open: undefined, max: undefined };
  }
}
