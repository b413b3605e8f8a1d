import assert from 'node:assert/strict';
import dns from 'node:dns';
import { once } from 'node:events';
import net from 'node:net';
import { type TestContext, test } from 'node:test';
import { nodePeers } from '../../src/ports/node/node-peers.js';

const host = '127.0.0.1';
/** The time limit for tests that would otherwise wait without end. */
const patience = { timeout: 20_000 };
const handler = { receive() {}, drained() {}, ended() {}, closed() {} };

/** Opens a port, so that no other server can listen on it. */
async function takenPort(context: TestContext): Promise<{ port: number; server: net.Server }> {
  const server = net.createServer((socket) => socket.destroy()).listen(0, host);
  context.after(() => server.close());
  await once(server, 'listening');
  return { port: (server.address() as net.AddressInfo).port, server };
}

function peersWith(options: { connectTimeoutMs?: number }) {
  return nodePeers({ connectTimeoutMs: 5000, keepAlive: false, ...options });
}

/** Tries to listen on the address, and resolves with the outcome as text. */
function attempt(context: TestContext, address: { host: string; port: number }): Promise<string> {
  return new Promise((resolve) => {
    const stop = peersWith({}).listen(address, () => handler, {
      listening: () => resolve('listening'),
      failed: (reason, isNameUnknown) => resolve(`${isNameUnknown ? 'unknown name' : 'failed'}: ${reason}`),
    });
    context.after(stop);
  });
}

test('4.1.13 a port in use and an unknown host name are reported as different failures', patience, async (context) => {
  const { port, server } = await takenPort(context);
  assert.match(await attempt(context, { host, port }), /^failed: .*EADDRINUSE/);
  server.close();
  await once(server, 'close');
  assert.equal(await attempt(context, { host, port }), 'listening');
  lookups(context, (_name, done) => done(undefined));
  assert.match(await attempt(context, { host: 'not-yet', port: 0 }), /^unknown name: /);
});

type Looked = (error: Error | null, addresses?: string | dns.LookupAddress[], family?: number) => void;

/**
 * Replaces the resolution of host names. `answer` calls `done` with an address, or with undefined if the name does not
 * exist.
 */
function lookups(context: TestContext, answer: (name: string, done: (address: string | undefined) => void) => void) {
  context.mock.method(dns, 'lookup', (name: string, ...rest: [dns.LookupOptions, Looked] | [Looked]) => {
    const looked = rest.at(-1) as Looked;
    const options = rest.length === 2 ? (rest[0] as dns.LookupOptions) : {};
    answer(name, (address) => {
      if (address === undefined) looked(Object.assign(new Error(`no such name: ${name}`), { syscall: 'getaddrinfo' }));
      else if (options.all) looked(null, [{ address, family: 4 }]);
      else looked(null, address, 4);
    });
  });
}

test('4.1.11 a dial to a server that does not answer fails after cnxTimeout', patience, async (context) => {
  // without this open server, the process would end while the dial waits
  await takenPort(context);
  // never answer the lookup of the name
  lookups(context, () => {});
  const startMs = performance.now();
  const reason = await new Promise<string>((resolve) => {
    peersWith({ connectTimeoutMs: 40 }).dial({ host: 'silent', port: 3888 }, () => assert.fail('connected'), resolve);
  });
  assert.equal(reason, 'no answer for 40 ms');
  const afterMs = performance.now() - startMs;
  assert(afterMs >= 39 && afterMs < 3000, `after ${afterMs} ms`);
});

test('4.1.16 each dial resolves the name again, so that a moved server is found', patience, async (context) => {
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

for (const address of [
  { host, port: 99_999 },
  { host, port: -1 },
  { host: '256.256.256.256', port: 2888 },
  { host: 'a b\0c', port: 2888 },
  { host: 'x'.repeat(300), port: 2888 },
]) {
  test(
    `a dial to the invalid address ${JSON.stringify(address).slice(0, 60)} fails as unreachable`,
    patience,
    async () => {
      let isTold = false;
      const reason = await new Promise<string>((failed) => {
        peersWith({}).dial(address, () => assert.fail('connected'), failed);
        isTold = true;
      });
      assert(isTold, 'not before dial has returned');
      assert.notEqual(reason, '');
    },
  );
}
