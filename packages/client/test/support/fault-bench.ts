import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { defaultConfig, type ServerConfig, silentLogger, startServer } from '@nodekeeper/server';
import {
  type ClientOptions,
  connect,
  type Outcome,
  type ZooKeeper,
  ZooKeeperError,
  type ZooKeeperErrorCode,
} from '../../src/index.js';
import { FaultProxy } from './fault-proxy.js';

/** A server in this process, and a proxy through which clients connect to it. Both stop when the test ends. */
export interface FaultBench {
  readonly serverPort: number;
  readonly proxy: FaultProxy;
  /** Connects a client through the proxy. The client waits only a short time before it reconnects. */
  connect(options?: ClientOptions): Promise<ZooKeeper>;
  /** A client that is connected to the server directly, without the proxy. */
  readonly witness: ZooKeeper;
}

/** Starts a server that grants session timeouts as short as 200 ms. Returns the port of the server. */
export async function startServerWithShortTicks(
  context: TestContext,
  config: Partial<ServerConfig> = {},
): Promise<number> {
  const dataDir = mkdtempSync(join(tmpdir(), 'nodekeeper-faults-'));
  const server = await startServer(
    {
      ...defaultConfig(),
      dataDir,
      dataLogDir: dataDir,
      clientPort: 0,
      clientPortAddress: '127.0.0.1',
      preAllocSizeKb: 64,
      tickTimeMs: 100,
      minSessionTimeoutMs: 200,
      maxClientCnxns: 0,
      fourLetterWordWhitelist: ['*'],
      ...config,
    },
    silentLogger,
  );
  context.after(async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
  });
  return server.port;
}

export async function faultBench(context: TestContext): Promise<FaultBench> {
  const serverPort = await startServerWithShortTicks(context);
  const proxy = await FaultProxy.start(serverPort);
  context.after(() => proxy.stop());
  const open = async (port: number, options: ClientOptions) => {
    const client = await connect(`127.0.0.1:${port}`, options);
    context.after(() => client.close());
    return client;
  };
  return {
    serverPort,
    proxy,
    witness: await open(serverPort, {}),
    connect: (options) => open(proxy.port, { reconnectDelayMs: { base: 5, max: 20 }, ...options }),
  };
}

/** Waits until `look` returns true. Fails after 10 seconds. */
export async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await look())) {
    if (performance.now() > deadline) assert.fail(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Waits until `work` rejects with this code and outcome, and returns the error. */
export async function failsWith(
  work: Promise<unknown>,
  code: ZooKeeperErrorCode,
  outcome: Outcome,
  message = /^/,
): Promise<ZooKeeperError> {
  const error = await work.then(
    () => assert.fail(`expected ${code}, and it went through`),
    (reason: unknown) => reason,
  );
  if (!ZooKeeperError.is(error)) throw error;
  assert.deepEqual([error.code, error.outcome], [code, outcome], error.message);
  assert.match(error.message, message);
  return error;
}

/** Collects the names of the session events that the client emits after this call. */
export function sessionEvents(client: ZooKeeper): string[] {
  const seen: string[] = [];
  client.on('state', ({ event }) => seen.push(event));
  return seen;
}

export function fourLetterWord(port: number, word: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connectSocket(port, '127.0.0.1', () => socket.write(word));
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}
