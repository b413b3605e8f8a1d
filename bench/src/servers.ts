/** The servers in the comparison, each in its own directory on a real disk. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, nodekeeperBinOf, type RunningServer, startApache, startNodekeeper } from '@nodekeeper/interop/peers';

/** `floor` is the server of floor.ts. `baseline` is nodekeeper from another checkout. */
export const serverKinds = ['nodekeeper', 'apache', 'floor', 'baseline'] as const;
export type ServerKind = (typeof serverKinds)[number];

export type Server = Pick<RunningServer, 'port' | 'pid' | 'stop' | 'kill'>;

const floorProgram = fileURLToPath(new URL('./floor.js', import.meta.url));
const dataRoot = fileURLToPath(new URL('../../.data/', import.meta.url));
const POLL_MS = 5;
const READY_MS = 10_000;

const dataDirectories = new Set<string>();
// Exit handlers run in the order of registration. This one is registered when the first directory is made, so that it
// runs after the handlers that kill the servers.
const removeAll = () => dataDirectories.forEach(removeDataDirectory);

/** Makes a new, empty directory below bench/.data. The directory is also removed if the run is interrupted. */
export function makeDataDirectory(): string {
  mkdirSync(dataRoot, { recursive: true });
  const directory = mkdtempSync(join(dataRoot, 'run-'));
  if (!process.listeners('exit').includes(removeAll)) process.on('exit', removeAll);
  dataDirectories.add(directory);
  return directory;
}

export function removeDataDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  dataDirectories.delete(directory);
}

interface ServerOptions {
  /** Configuration keys (zoo.cfg). The floor ignores them. */
  config?: Record<string, string>;
  port?: number;
  /** Command-line flags for Node.js. Only nodekeeper gets them. */
  nodeOptions?: string[];
  /** The folder of the checkout whose server is the baseline. */
  baseline?: string | undefined;
}

/** Starts a server, and resolves when the server is ready for clients. */
export function startServer(kind: ServerKind, directory: string, wanted: ServerOptions = {}): Promise<Server> {
  const { config = {}, port, nodeOptions = [], baseline } = wanted;
  const options = { directory, config, readyTimeoutMs: 300_000, ...(port === undefined ? {} : { port }) };
  if (kind === 'nodekeeper') return startNodekeeper({ ...options, javaOptions: nodeOptions });
  if (kind === 'apache') return startApache(options);
  if (kind === 'baseline') return startNodekeeper(options, baselineBin(baseline));
  return startFloor(directory, port);
}

export function baselineBin(checkout: string | undefined): string {
  if (checkout === undefined) throw new Error('To compare with a baseline, name its folder: --baseline folder.');
  return nodekeeperBinOf(checkout);
}

async function startFloor(directory: string, wantedPort: number | undefined): Promise<Server> {
  const port = wantedPort ?? (await freePort());
  const child = spawn(process.execPath, [floorProgram, String(port), directory], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await ended;
  };
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  const deadline = performance.now() + READY_MS;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(`The floor server on port ${port} did not start.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return { port, pid: child.pid!, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

/** Resolves with true if a process listens on the port of 127.0.0.1. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
