import assert from 'node:assert/strict';
import dns from 'node:dns';
import { once } from 'node:events';
import net from 'node:net';
import { type TestContext, test } from 'node:test';
import { nodePeers } from '../../src/ports/node/node-peers.js';

const host = '127.0.0.1';
/** A test that waits for something that never comes fails. */
const patience = { timeout: 20_000 };
const handler = { receive() {}, drained() {}, ended() {}, closed() {} };

/** A port that something else has. */
async function takenPort(context: TestContext): Promise<{ port: number; server: net.Server }> {
  const server = net.createServer((socket) => socket.destroy()).listen(0, host);
  context.after(() => server.close());
  await once(server, 'listening');
  return { port: (server.address() as net.AddressInfo).port, server };
}

interface Held {
  readonly delayMs: number;
  readonly work: () => void;
  isCancelled: boolean;
}

/** What `setTimeout` puts off waits for the test. */
class HeldTimers {
  #held: Held[] = [];
  #arrived: () => void = () => {};

  constructor(context: TestContext) {
    context.mock.method(globalThis, 'setTimeout', (work: () => void, delayMs: number) => {
      const held = { work, delayMs, isCancelled: false };
      this.#held.push(held);
      this.#arrived();
      return held;
    });
    context.mock.method(globalThis, 'clearTimeout', (held: Held | undefined) => {
      if (held !== undefined) held.isCancelled = true;
    });
  }

  async next(): Promise<Held> {
    while (this.#held.length === 0) await new Promise<void>((resolve) => (this.#arrived = resolve));
    return this.#held.shift()!;
  }
}

function peersWith(options: { bindAttempts?: number; connectTimeoutMs?: number }) {
  return nodePeers({ connectTimeoutMs: 5000, keepAlive: false, bindAttempts: 3, ...options });
}

test(
  '4.1.13 a port that is taken is tried again each second, and had as soon as it is free',
  patience,
  async (context) => {
    const timers = new HeldTimers(context);
    const { port, server } = await takenPort(context);
    const stop = peersWith({}).listen(
      { host, port },
      () => handler,
      (reason) => assert.fail(reason),
    );
    context.after(stop);
    const first = await timers.next();
    assert.equal(first.delayMs, 1000);
    first.work();
    const second = await timers.next();
    server.close();
    await once(server, 'close');
    second.work();
    const socket = net.connect(port, host);
    await once(socket, 'connect');
    socket.destroy();
  },
);

test('4.1.13 after electionPortBindRetry attempts the port is given up, with the reason', patience, async (context) => {
  const timers = new HeldTimers(context);
  const { port } = await takenPort(context);
  let failed: (reason: string) => void;
  const reason = new Promise<string>((resolve) => (failed = resolve));
  const stop = peersWith({ bindAttempts: 3 }).listen(
    { host, port },
    () => handler,
    (text) => failed(text),
  );
  context.after(stop);
  for (let retry = 0; retry < 2; retry++) (await timers.next()).work();
  assert.match(await reason, /EADDRINUSE/);
});

test(
  '4.1.13 with electionPortBindRetry=0 it is tried for ever, or until the server stops',
  patience,
  async (context) => {
    const timers = new HeldTimers(context);
    const { port } = await takenPort(context);
    const stop = peersWith({ bindAttempts: 0 }).listen(
      { host, port },
      () => handler,
      (reason) => assert.fail(reason),
    );
    for (let retry = 0; retry < 20; retry++) (await timers.next()).work();
    const last = await timers.next();
    stop();
    assert.equal(last.isCancelled, true);
  },
);

type Looked = (error: Error | null, addresses?: string | dns.LookupAddress[], family?: number) => void;

/** Names are looked up by the test. */
function lookups(context: TestContext, answer: (name: string, done: (address: string | undefined) => void) => void) {
  context.mock.method(dns, 'lookup', (name: string, options: dns.LookupOptions, looked: Looked) => {
    answer(name, (address) => {
      if (address === undefined) looked(new Error(`no such name: ${name}`));
      else if (options.all) looked(null, [{ address, family: 4 }]);
      else looked(null, address, 4);
    });
  });
}

test('4.1.11 a server that gives no answer is given up after cnxTimeout', patience, async (context) => {
  // keeps the process alive meanwhile
  await takenPort(context);
  // as if nobody ever said anything
  lookups(context, () => {});
  const startMs = performance.now();
  const reason = await new Promise<string>((resolve) => {
    peersWith({ connectTimeoutMs: 40 }).dial({ host: 'silent', port: 3888 }, () => assert.fail('connected'), resolve);
  });
  assert.equal(reason, 'no answer for 40 ms');
  const afterMs = performance.now() - startMs;
  assert(afterMs >= 39 && afterMs < 3000, `after ${afterMs} ms`);
});

test('4.1.16 a name is looked up on each dial, so that a server that has moved is found', patience, async (context) => {
  const { port } = await takenPort(context);
  const answers = [undefined, host, host];
  const asked: string[] = [];
  lookups(context, (name, done) => {
    asked.push(name);
    done(answers.shift());
  });
  const dial = () =>
    new Promise<string>((resolve) => {
      peersWith({}).dial(
        { host: 'moving', port },
        (transport) => {
          resolve('connected');
          transport.destroy();
          return handler;
        },
        resolve,
      );
    });
  assert.equal(await dial(), 'no such name: moving');
  assert.equal(await dial(), 'connected');
  assert.equal(await dial(), 'connected');
  assert.deepEqual(asked, ['moving', 'moving', 'moving']);
});
