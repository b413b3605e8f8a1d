import { spawn } from 'node:child_process';
import { EventEmitter, on, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect as dial, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { connect, type ZooKeeper } from '@nodekeeper/client';
import { defaultConfig, type RunningServer, type ServerConfig, silentLogger, startServer } from '@nodekeeper/server';

/** A server in this process. A session without a client expires after a second. */
export async function startTestServer(context: TestContext): Promise<RunningServer> {
  const directory = mkdtempSync(join(tmpdir(), 'nodekeeper-examples-'));
  const config: ServerConfig = {
    ...defaultConfig(),
    dataDir: directory,
    dataLogDir: directory,
    preAllocSizeKb: 64,
    clientPort: 0,
    clientPortAddress: '127.0.0.1',
    tickTimeMs: 100,
    maxSessionTimeoutMs: 1000,
    minSessionTimeoutMs: 1000,
  };
  const server = await startServer(config, silentLogger);
  context.after(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  });
  return server;
}

/** A client that is closed at the end of the test. */
export async function connectTo(context: TestContext, { port }: { readonly port: number }): Promise<ZooKeeper> {
  const zk = await connect(`127.0.0.1:${port}`);
  context.after(() => zk.close());
  return zk;
}

/** An example that runs as a separate process, and its output. */
export interface Program {
  /** Resolves with the next line that matches. Skips the lines before it. */
  line(pattern: RegExp): Promise<string>;
  /** Sends a signal. Resolves with the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  readonly exited: Promise<number | null>;
}

export function runExample(context: TestContext, name: string, server: RunningServer, ...args: string[]): Program {
  const file = join(import.meta.dirname, '..', '..', `${name}.js`);
  const child = spawn(process.execPath, [file, `127.0.0.1:${server.port}`, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
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
    end(signal) {
      child.kill(signal);
      return exited;
    },
    exited,
  };
}

/** The operation code of the create that the client uses. */
const create2 = 15;

/**
 * A proxy that can lose the reply to a create, and the connection. The node then exists, but the client does not know
 * it.
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
      // a frame: length, request number, operation code
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
    /** The number of lost replies. */
    get lost(): number {
      return lost;
    },
    loseAnswerToNextCreate(): void {
      isArmed = true;
    },
    /** Breaks all connections. With `close`, no new connection is possible until `open`. */
    cut({ close = false } = {}): void {
      isClosed = close;
      for (const socket of sockets) socket.destroy();
    },
    open(): void {
      isClosed = false;
    },
  };
}

/** Collects the values of callbacks, so that a test can await them one by one. */
export class Told<Value> {
  readonly #emitter = new EventEmitter();
  readonly #values = on(this.#emitter, 'value') as AsyncIterableIterator<[Value]>;

  readonly tell = (value: Value): void => void this.#emitter.emit('value', value);

  async next(): Promise<Value> {
    return (await this.#values.next()).value[0];
  }
}
