import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { below, randomFrom } from '../../src/testing/random.js';
import { RealClient } from '../support/real-client.js';
import { temporaryDirectory } from '../support/real-server.js';
import { createRequest } from '../support/test-client.js';

const program = fileURLToPath(new URL('../../../bin/nodekeeper.js', import.meta.url));
const clientCount = 3;
const window = 30;
const rounds = 6;

interface ServerProcess {
  readonly child: ChildProcess;
  readonly port: number;
}

/** Starts `nodekeeper server` as a child process, as a user does. Resolves when the server serves clients. */
async function start(directory: string, running: Set<ChildProcess>): Promise<ServerProcess> {
  const settings = {
    dataDir: directory,
    clientPort: '0',
    clientPortAddress: '127.0.0.1',
    snapCount: '400',
    preAllocSize: '64',
  };
  const sets = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
  const child = spawn(process.execPath, [program, 'server', '--log', 'json', ...sets], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  running.add(child);
  child.on('exit', () => running.delete(child));
  let log = '';
  const port = await new Promise<number>((done, fail) => {
    child.stderr!.on('data', (bytes) => {
      log += bytes;
      const found = /serves","port":(\d+)|"port":(\d+)/.exec(log);
      if (found !== null) done(Number(found[1] ?? found[2]));
    });
    child.on('exit', (code) => fail(new Error(`the server ended with ${code}: ${log}`)));
  });
  return { child, port };
}

/**
 * A client that keeps a fixed number of writes in flight. It creates numbered nodes, and sets a counter node to
 * increasing values.
 */
class Writer {
  /** The czxid of each created path. */
  readonly created = new Map<string, number>();
  counter = 0;
  counterSent = 0;
  readonly #waiting: { xid: number; path: string | undefined; counter: number }[] = [];
  readonly #client: RealClient;
  #next = 0;

  constructor(
    client: RealClient,
    readonly name: string,
  ) {
    this.#client = client;
    client.socket.on('data', () => this.#collect());
  }

  fill(random: () => number): void {
    while (this.#waiting.length < window && !this.#client.isClosed) {
      if (random() < 0.6) {
        const path = `/${this.name}-${this.#next++}`;
        const xid = this.#client.send('create2', createRequest(path, 'x'.repeat(below(random, 900))));
        this.#waiting.push({ xid, path, counter: 0 });
      } else {
        const counter = ++this.counterSent;
        const xid = this.#client.send('setData', {
          path: `/${this.name}`,
          data: Buffer.from(`${counter}`),
          version: -1,
        });
        this.#waiting.push({ xid, path: undefined, counter });
      }
    }
  }

  #collect(): void {
    for (const reply of this.#client.replies()) {
      const expected = this.#waiting.shift()!;
      assert.equal(reply.xid, expected.xid, 'first in, first out');
      assert.equal(reply.err, 0);
      if (expected.path === undefined) this.counter = expected.counter;
      else this.created.set(expected.path, reply.body.stat.czxid);
    }
  }

  get next(): number {
    return this.#next;
  }
}

async function verify(client: RealClient, writers: readonly Writer[]): Promise<void> {
  for (const writer of writers) {
    const asked = [...writer.created].map(([path, czxid]) => ({ czxid, path, xid: client.send('exists', { path }) }));
    const last = await client.call('getData', { path: `/${writer.name}`, watch: false });
    const found = new Map(client.replies().map((reply) => [reply.xid, reply]));
    let before = 0;
    for (const { czxid, path, xid } of asked) {
      assert.equal(found.get(xid)?.err, 0, `${path} was acknowledged`);
      assert.equal(found.get(xid)!.body.stat.czxid, czxid, `${path} has the acknowledged czxid`);
      assert.ok(czxid > before, 'in the order they were sent');
      before = czxid;
    }
    const counter = Number(last.body.data.toString());
    assert.ok(
      counter >= writer.counter && counter <= writer.counterSent,
      `${writer.counter} was acknowledged, ${counter} is there`,
    );
    assert.equal(last.body.stat.version, counter, 'each set is counted once');
  }
}

test('after kill -9 at a random moment under pipelined writes, every acknowledged write is there after the restart', async (context: TestContext) => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
  context.diagnostic(`SEED=${seed}`);
  const random = randomFrom(seed);
  const directory = temporaryDirectory(context);
  const running = new Set<ChildProcess>();
  context.after(() => {
    for (const child of running) child.kill('SIGKILL');
  });
  let acknowledged = 0;
  let server = await start(directory, running);
  for (let round = 0; round < rounds; round++) {
    const writers: Writer[] = [];
    const clients: RealClient[] = [];
    for (let index = 0; index < clientCount; index++) {
      const client = await RealClient.connect(server.port);
      const name = `r${round}c${index}`;
      await client.call('create', createRequest(`/${name}`, '0'));
      clients.push(client);
      writers.push(new Writer(client, name));
    }
    const untilMs = performance.now() + 100 + below(random, 400);
    while (performance.now() < untilMs) {
      for (const writer of writers) writer.fill(random);
      await new Promise((done) => setImmediate(done));
    }
    server.child.kill('SIGKILL');
    await once(server.child, 'exit');
    await Promise.all(clients.map((client) => client.closed));
    for (const writer of writers) acknowledged += writer.created.size;
    server = await start(directory, running);
    const client = await RealClient.connect(server.port);
    await verify(client, writers);
    client.destroy();
  }
  assert.ok(acknowledged > 100, `${acknowledged} creates were acknowledged`);
  server.child.kill('SIGTERM');
  const [code] = await once(server.child, 'exit');
  assert.equal(code, 0);
});
