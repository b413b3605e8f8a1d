import { spawn } from 'node:child_process';
import { EventEmitter, on, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect as dial, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { connect, type ZooKeeper } from '@nodekeeper/client';
import { useServer } from '@nodekeeper/testing';

interface RunningServer {
  readonly port: number;
}

/** Starts a server in this process. A session whose client is disconnected expires after 1 second. */
export async function startTestServer(context: TestContext): Promise<RunningServer> {
  const config = { minSessionTimeoutMs: 1000, maxSessionTimeoutMs: 1000 };
  const server = await useServer(context, { config });
  return { port: Number(server.connectString.split(':')[1]) };
}

/** Creates a directory that is removed at the end of the test. */
export function temporaryDirectory(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'nodekeeper-examples-'));
  context.after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));
  return directory;
}

/** Connects a client to the server. The client is closed at the end of the test. */
export async function connectTo(context: TestContext, { port }: RunningServer): Promise<ZooKeeper> {
  const zk = await connect(`127.0.0.1:${port}`);
  context.after(() => zk.close());
  return zk;
}

/** A child process that runs an example. */
export interface Program {
  /** Resolves with the next output line that matches. Earlier lines are skipped. */
  line(pattern: RegExp): Promise<string>;
  /** Types a line. Without a line, types Ctrl-D. */
  type(line?: string): void;
  /** Sends a signal to the process, for example to pause it. */
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal to the process. Resolves with the exit code of the process. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  readonly exited: Promise<number | null>;
}

/** Runs an example that takes the server as its first argument. */
export function runExample(context: TestContext, name: string, server: RunningServer, ...args: string[]): Program {
  return run(context, name, [`127.0.0.1:${server.port}`, ...args], process.env);
}

/** Runs an example that takes the server from the environment variable ZOOKEEPER. */
export function runProgram(context: TestContext, name: string, server: RunningServer, ...args: string[]): Program {
  return run(context, name, args, { ...process.env, ZOOKEEPER: `127.0.0.1:${server.port}` });
}

function run(context: TestContext, name: string, args: string[], env: NodeJS.ProcessEnv): Program {
  const file = join(import.meta.dirname, '..', '..', `${name}.js`);
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'pipe'], env });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const exited = once(child, 'close').then(([code]) => code as number | null);
  context.after(() => {
    child.kill('SIGKILL');
    return exited;
  });
  return {
    async line(pattern) {
      for (;;) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`${name} ended without a line that matches ${pattern}; its errors: ${errors}`);
        if (pattern.test(value)) return value;
      }
    },
    type(line) {
      if (line === undefined) child.stdin.end();
      else child.stdin.write(`${line}\n`);
    },
    signal(signal) {
      child.kill(signal);
    },
    end(signal) {
      child.kill(signal);
      return exited;
    },
    exited,
  };
}

/** The operation code with which the client creates a node. */
const create2 = 15;

/**
 * A proxy between a client and the server. It can drop the reply to a create and close the connection. The node then
 * exists, but the client does not know that.
 */
export async function startLossyProxy(context: TestContext, server: RunningServer) {
  let isArmed = false;
  let swallow = false;
  let lost = 0;
  const sockets = new Set<Socket>();
  let isClosed = false;
  const proxy = createServer((client) => {
    if (isClosed) {
      client.destroy();
      return;
    }
    const upstream = dial(server.port, '127.0.0.1');
    const both = [client, upstream];
    const end = () => {
      for (const socket of both) socket.destroy();
    };
    for (const socket of both) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', end);
    }
    client.on('data', (chunk) => {
      // a request starts with its length, its xid and its operation code, four bytes each
      if (isArmed && chunk.length >= 12 && chunk.readInt32BE(8) === create2) {
        isArmed = false;
        swallow = true;
      }
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (swallow) {
        lost++;
        end();
      } else {
        client.write(chunk);
      }
      swallow = false;
    });
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  context.after(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  return {
    port: (proxy.address() as { port: number }).port,
    /** The number of replies that the proxy has dropped. */
    get lost(): number {
      return lost;
    },
    loseAnswerToNextCreate(): void {
      isArmed = true;
    },
    /** Closes all connections. With `close`, the proxy also rejects new connections until `open` is called. */
    cut({ close = false } = {}): void {
      isClosed = close;
      for (const socket of sockets) socket.destroy();
    },
    open(): void {
      isClosed = false;
    },
  };
}

/** Collects the values that are passed to a callback, so that a test can await them one by one. */
export class Told<Value> {
  readonly #emitter = new EventEmitter();
  readonly #values = on(this.#emitter, 'value') as AsyncIterableIterator<[Value]>;

  readonly tell = (value: Value): void => void this.#emitter.emit('value', value);

  async next(): Promise<Value> {
    return (await this.#values.next()).value[0];
  }
}
