import { createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { defaultConfig } from '../../src/config/server-config.js';
import type { Logger } from '../../src/log/logger.js';
import { createMember, EnsembleConfig } from '../../src/membership/index.js';
import type { Member } from '../../src/membership/member.js';
import type { RunningServer } from '../../src/node.js';
import { startServer } from '../../src/node.js';
import { RealClient } from './real-client.js';
import { temporaryDirectory } from './real-server.js';

const host = '127.0.0.1';
const patienceMs = 20_000;

/** Returns ports that are free at the moment. Another process may take one of them before the caller does. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve) => server.listen(0, host, () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Creates members with consecutive ids from `firstId`. Each member has its own ports. */
export async function createMembers(size: number, firstId = 1): Promise<Member[]> {
  const ports = await freePorts(size * 2);
  return Array.from({ length: size }, (_, index) =>
    createMember(firstId + index, [{ host, quorumPort: ports[index * 2]!, electionPort: ports[index * 2 + 1]! }]),
  );
}

export async function waitUntil(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const endMs = Date.now() + patienceMs; !(await isSo()); ) {
    if (Date.now() > endMs) throw new Error(`waited ${patienceMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A server of an ensemble on real sockets and disk, in this process. */
export class RealMember {
  /** The log lines in the form `LEVEL message`. */
  readonly logged: string[] = [];
  #server: RunningServer | undefined;

  constructor(
    readonly id: number,
    readonly ensemble: EnsembleConfig,
    readonly directory: string,
  ) {}

  get port(): number {
    return this.#server!.port;
  }

  get addresses(): Member['addresses'] {
    return this.ensemble.members.get(this.id)!.addresses;
  }

  async start(): Promise<void> {
    const shared = { ...defaultConfig(), clientPort: 0, clientPortAddress: host, preAllocSizeKb: 64 };
    const timing = { tickTimeMs: 500, initLimitTicks: 10, syncLimitTicks: 6, maxSessionTimeoutMs: 10_000 };
    const { id: myId, ensemble, directory } = this;
    const directories = { dataDir: directory, dataLogDir: directory };
    this.#server = await startServer({ ...shared, ...timing, ...directories, ensemble, myId }, this.#logger());
  }

  #logger(): Logger {
    const line = (level: string) => (message: string) => void this.logged.push(`${level} ${message}`);
    return { debug: line('DEBUG'), info: line('INFO'), warn: line('WARN'), error: line('ERROR') };
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.stop();
  }

  /** Returns the server's mode from the reply to `srvr`. Returns undefined while the server does not serve. */
  async mode(): Promise<string | undefined> {
    if (this.#server === undefined) return undefined;
    return /^Mode: (\S+)/m.exec(await RealClient.exchange(this.port, ['srvr']))?.[1];
  }

  /** Waits until the server serves, and opens a session. */
  async connect(): Promise<RealClient> {
    let client: RealClient | undefined;
    await waitUntil(`a session at server ${this.id}`, async () => {
      client = await RealClient.connect(this.port).catch(() => undefined);
      return client !== undefined;
    });
    return client!;
  }
}

/** Creates servers without starting them. At the end of the test they are stopped. */
export function createServers(context: TestContext, members: readonly Member[]): RealMember[] {
  const ensemble = new EnsembleConfig(members);
  const servers = members.map(({ id }) => new RealMember(id, ensemble, temporaryDirectory(context)));
  context.after(() => Promise.all(servers.map((server) => server.stop())));
  return servers;
}
