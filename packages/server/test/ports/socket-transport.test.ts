import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { PassThrough } from 'node:stream';
import { suite, type TestContext, test } from 'node:test';
import type { Accept } from '../../src/ports/network.js';
import { listen } from '../../src/ports/node/node-network.js';
import { nodePeers } from '../../src/ports/node/node-peers.js';
import { plainTcp } from '../../src/ports/node/plain-tcp.js';
import { SocketTransport } from '../../src/ports/node/socket-transport.js';
import { host, Recorder, socketKinds, ways } from './socket-pairs.js';

/** The time limit for tests that would otherwise wait without end. */
const patience = { timeout: 20_000 };
const mebibyte = 1024 * 1024;

/** Reads everything that the socket receives until the other side ends the connection. */
async function readAll(socket: net.Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  await once(socket, 'end');
  return Buffer.concat(chunks);
}

for (const kind of socketKinds) {
  for (const [way, open] of Object.entries(ways)) {
    suite(`${way}, over ${kind.name}`, patience, () => {
      test('the transport reports when the last waiting byte is sent, however few bytes waited', async (context) => {
        const { transport, recorder, other } = await open(context, kind);
        while (transport.write(Buffer.alloc(4096)));
        assert.ok(transport.unsentBytes > 0 && transport.unsentBytes <= 4096);
        other.resume();
        await recorder.until(() => recorder.calls.length > 0);
        assert.deepEqual([recorder.calls, transport.unsentBytes], [['drained'], 0]);
      });

      test('a paused transport receives nothing until it is resumed, and then everything', async (context) => {
        const { transport, recorder, other } = await open(context, kind);
        transport.pause();
        other.write(Buffer.alloc(16 * mebibyte));
        // Give the event loop many turns. In each of them it could read from the paused socket, but it must not.
        for (let round = 0; round < 20; round++) {
          transport.write(Buffer.alloc(1));
          await once(other, 'data');
        }
        assert.equal(recorder.receivedBytes, 0);
        transport.resume();
        await recorder.until(() => recorder.receivedBytes === 16 * mebibyte);
      });

      test('bytes sent after the other side has ended still arrive', async (context) => {
        const { transport, recorder, other } = await open(context, kind);
        other.end('question');
        await recorder.until(() => recorder.calls.includes('ended'));
        assert.equal(recorder.receivedBytes, 8);
        transport.write(Buffer.from('answer'));
        transport.end();
        assert.equal(String(await readAll(other)), 'answer');
        assert.deepEqual(recorder.calls, ['received', 'ended']);
      });

      test('end sends all earlier writes, and the handler is not called again', async (context) => {
        const { transport, recorder, other } = await open(context, kind);
        transport.write(Buffer.alloc(8 * mebibyte));
        transport.end();
        other.write('too late');
        assert.equal((await readAll(other)).length, 8 * mebibyte);
        other.end();
        await once(other, 'close');
        assert.deepEqual(recorder.calls, []);
      });

      test('after destroy nothing is sent, and the handler is only told that the connection is closed', async (context) => {
        const { transport, recorder, other } = await open(context, kind);
        let receivedBytes = 0;
        other.on('data', (chunk) => (receivedBytes += chunk.length));
        other.once('end', () => other.end());
        const closed = new Promise((done) => other.once('close', done));
        transport.destroy();
        assert.equal(transport.write(Buffer.from('x')), false);
        await closed;
        assert.equal(receivedBytes, 0);
        await recorder.until(() => recorder.calls.length > 0);
        assert.match(recorder.calls.join(), /^closed: [^,]*$/);
      });
    });
  }
}

for (const [way, open] of Object.entries(ways)) {
  test(`${way}: a reset is reported once, as the reason of the close`, patience, async (context) => {
    const { recorder, other } = await open(context, socketKinds[0]!);
    other.resetAndDestroy();
    await recorder.until(() => recorder.calls.length > 0);
    assert.match(recorder.calls.join(), /^closed: [^,]*ECONNRESET$/);
  });
}

/** Starts listening with this server, and returns the port. */
async function startServer(context: TestContext, server: net.Server): Promise<number> {
  context.after(() => server.close());
  server.listen(0, host);
  await once(server, 'listening');
  return (server.address() as net.AddressInfo).port;
}

test('a connection that is not accepted is closed', patience, async (context) => {
  const listener = await listen({ port: 0, host, backlog: 0, keepAlive: false }, () => undefined);
  context.after(() => listener.close());
  const client = net.connect(listener.port, host).resume();
  await once(client, 'close');
});

test('an ended connection is destroyed if the other side never ends', patience, async (context) => {
  const ended = new Promise<net.Socket>((resolve) => {
    const server = plainTcp.createServer({ keepAlive: false }, (open) => {
      const transport = new SocketTransport(open, 10);
      transport.serve(() => new Recorder());
      transport.end();
      resolve(open.socket);
    });
    void startServer(context, server).then((port) => {
      const silent = net.connect({ port, host, allowHalfOpen: true });
      context.after(() => silent.destroy());
    });
  });
  await once(await ended, 'close');
});

test('a socket without the expected handle is read through its events', patience, async () => {
  const recorder = new Recorder();
  const server = plainTcp.createServer({ keepAlive: false }, (open) => new SocketTransport(open).serve(() => recorder));
  const strange = new PassThrough();
  server.emit('connection', strange);
  strange.end('abc');
  await recorder.until(() => recorder.calls.includes('ended'));
  assert.deepEqual([recorder.receivedBytes, recorder.calls.slice(0, 2)], [3, ['received', 'ended']]);
});

test('a backlog of 0 or less is 50, as in Java', patience, async (context) => {
  const { mock } = context.mock.method(net.Server.prototype, 'listen');
  for (const backlog of [-1, 0, 7]) {
    const listener = await listen({ port: 0, host, backlog, keepAlive: false }, () => undefined);
    listener.close();
  }
  const given = mock.calls.map((call) => (call.arguments as unknown as [net.ListenOptions])[0].backlog);
  assert.deepEqual(given, [50, 50, 7]);
});

test(
  '4.1.12 sockets send without delay, and probe idle connections if tcpKeepAlive is set',
  patience,
  async (context) => {
    const create = context.mock.method(net, 'createServer').mock;
    const connect = context.mock.method(net, 'connect').mock;
    const accept: Accept = () => undefined;
    for (const keepAlive of [true, false]) {
      const listener = await listen({ port: 0, host, backlog: 0, keepAlive }, accept);
      const peers = nodePeers({ connectTimeoutMs: 5000, keepAlive });
      const stop = peers.listen({ host, port: 0 }, accept, { listening() {}, failed: assert.fail });
      const cancel = peers.dial({ host, port: listener.port }, () => new Recorder(), assert.fail);
      for (const close of [cancel, stop, () => listener.close()]) close();
      for (const { arguments: given } of [...create.calls.slice(-2), ...connect.calls.slice(-1)]) {
        const options = given[0] as { noDelay: boolean; keepAlive: boolean };
        assert.deepEqual([options.noDelay, options.keepAlive], [true, keepAlive]);
      }
    }
  },
);
