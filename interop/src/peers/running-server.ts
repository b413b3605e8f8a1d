import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { tail } from './tools.js';

export interface StartOptions {
  /** The server's dataDir, which also gets zoo.cfg and server.log. It is created if it is missing. */
  directory: string;
  /** Additional zoo.cfg keys, which override the default keys. An empty value removes a default key. */
  config?: Record<string, string>;
  /** Keys that ZooKeeper reads only from system properties. For nodekeeper they are written to zoo.cfg. */
  systemProperties?: Record<string, string>;
  /**
   * Options for ZooKeeper's JVM, or flags for node if the server is nodekeeper. The default for ZooKeeper is
   * `-Xmx1000m`, as in zkServer.sh.
   */
  javaOptions?: string[];
  /** The client port. Default: a free port. */
  port?: number;
  /** How long the server may take until it serves, in ms. */
  readyTimeoutMs?: number;
}

/** A server process of either kind that serves clients on 127.0.0.1. */
export interface RunningServer {
  readonly port: number;
  readonly pid: number;
  readonly directory: string;
  /** Sends SIGTERM, and after 10 s SIGKILL. Resolves when the process has ended. */
  stop(): Promise<void>;
  /** Sends SIGKILL. Resolves when the process has ended. */
  kill(): Promise<void>;
  /** What this process has logged so far. */
  log(): string;
}

/** A server process that may not serve clients yet. */
export interface ServerProcess extends RunningServer {
  /** The exit code, signal or error that ended the process. Undefined while the process runs. */
  readonly ending: string | undefined;
}

const alive = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

/**
 * Writes zoo.cfg, starts the process and waits until the server serves. Throws an error with the end of the log if the
 * process ends, or does not serve in time.
 */
export async function launchServer(name: string, command: string[], options: StartOptions): Promise<RunningServer> {
  const server = spawnServer(command, { ...options, port: options.port ?? (await freePort()) });
  await waitUntilServing(server, name, options.readyTimeoutMs ?? 60_000);
  return server;
}

/** Writes zoo.cfg and starts the process. Does not wait until the server serves. */
export function spawnServer(command: string[], options: StartOptions & { port: number }): ServerProcess {
  const { directory, port } = options;
  mkdirSync(directory, { recursive: true });
  const configPath = join(directory, 'zoo.cfg');
  writeFileSync(configPath, configText(options, port));
  const logPath = join(directory, 'server.log');
  const logFile = openSync(logPath, 'a+');
  const logStart = fstatSync(logFile).size;
  const [program, ...words] = command;
  const child = spawn(program!, [...words, configPath], { cwd: directory, stdio: ['ignore', logFile, logFile] });
  alive.add(child);
  let ending: string | undefined;
  const ended = new Promise<void>((resolve) => {
    const end = (how: string) => {
      ending ??= how;
      resolve();
    };
    child.once('exit', (code, signal) => end(String(code ?? signal)));
    child.once('error', (error) => end(error.message));
  }).then(() => {
    alive.delete(child);
    closeSync(logFile);
  });
  return {
    port,
    pid: child.pid ?? -1,
    directory,
    get ending() {
      return ending;
    },
    log: () => readFrom(logPath, logStart),
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(timer);
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function configText(options: StartOptions, port: number): string {
  const config: Record<string, string> = {
    tickTime: '2000',
    dataDir: options.directory,
    clientPort: String(port),
    clientPortAddress: '127.0.0.1',
    maxClientCnxns: '0',
    'admin.enableServer': 'false',
    '4lw.commands.whitelist': '*',
    ...options.config,
  };
  return Object.entries(config)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

async function waitUntilServing(server: ServerProcess, name: string, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isServing(server.port))) {
    if (server.ending === undefined && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      continue;
    }
    const reason = server.ending === undefined ? 'stayed silent' : `ended with ${server.ending}`;
    if (server.ending === undefined) await server.kill();
    throw new Error(`${name} on port ${server.port} ${reason}; its log ends:\n${tail(server.log(), 40)}`);
  }
}

/**
 * True if the server serves clients. The request is `srvr`, because every server allows it by default, and because the
 * reply contains the version only if the server serves. If `srvr` arrives too early, ZooKeeper throws an exception and
 * never replies. So the timeout is short, and the caller retries.
 */
async function isServing(port: number): Promise<boolean> {
  const answer = await fourLetterWord(port, 'srvr', 400).catch(() => '');
  return answer.startsWith('Zookeeper version:');
}

/**
 * Sends a four-letter word and returns the whole reply. Throws if the connection is refused, or if no data arrives for
 * `timeoutMs`.
 */
export function fourLetterWord(port: number, word: string, timeoutMs = 5_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(word));
    const chunks: Buffer[] = [];
    const silence = new Error(`no reply to ${word} on port ${port} in ${timeoutMs} ms`);
    socket.setTimeout(timeoutMs, () => socket.destroy(silence));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()));
  });
}

/** A port of 127.0.0.1 that was free a moment ago. Another process could take it before the caller does. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function readFrom(path: string, start: number): string {
  if (!existsSync(path)) return '';
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - start));
    const length = readSync(file, bytes, 0, bytes.length, start);
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(file);
  }
}
