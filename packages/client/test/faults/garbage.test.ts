import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { suite, test } from 'node:test';
import { writeWatcherEvent } from '@nodekeeper/protocol';
import { connect, ZooKeeper, type ZooKeeperErrorCode } from '../../src/index.js';
import { fakeServer, frame, greeting, reply } from '../support/fake-server.js';
import { failsWith, sessionEvents, until } from '../support/fault-bench.js';

const http = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n';

/** What a server does instead of sending a greeting, and the text of the client's error. */
const noGreetings: Record<string, [answer: (socket: Socket) => void, message: RegExp]> = {
  'an HTTP server': [(socket) => socket.write(http), /violates the protocol: .*1213486160/],
  'a server that hangs up': [(socket) => socket.end(), /the server closed the connection/],
  'a server that resets': [(socket) => socket.resetAndDestroy(), /ECONNRESET/],
  'a negative length': [(socket) => socket.write(Buffer.of(255, 255, 255, 255)), /violates the protocol: .*-1/],
  'a huge length': [(socket) => socket.write(Buffer.of(127, 255, 255, 255)), /violates the protocol: .*2147483647/],
  'a greeting that is too short': [(socket) => socket.write(frame((w) => w.int(0))), /violates the protocol/],
  'an empty frame': [(socket) => socket.write(Buffer.alloc(4)), /violates the protocol/],
  'half a greeting': [(socket) => socket.end(greeting.subarray(0, 20)), /the server closed the connection/],
  'no answer at all': [() => {}, /127\.0\.0\.1:\d+: no answer within 500 ms/],
};
/** The bytes that a server sends instead of its first reply, and the code and text of the client's error. */
const nonsense: Record<string, [answer: Buffer, code: ZooKeeperErrorCode, message: RegExp]> = {
  'a reply with the xid of no request': [reply(7), 'MARSHALLINGERROR', /a reply has xid 7, but xid 1 is due/],
  'a reply with a negative xid without a use': [
    reply(-3),
    'MARSHALLINGERROR',
    /has xid -3, which belongs to no request/,
  ],
  'an answer to credentials that were not sent': [reply(-4), 'MARSHALLINGERROR', /auth packet that was not sent/],
  'an answer to watches that were not sent': [reply(-8), 'MARSHALLINGERROR', /setWatches that was not sent/],
  'a header that is cut off': [frame((writer) => writer.int(1)), 'MARSHALLINGERROR', /violates the protocol/],
  'an event that is cut off': [reply(-1), 'MARSHALLINGERROR', /violates the protocol/],
  'a huge length': [Buffer.of(127, 0, 0, 0), 'MARSHALLINGERROR', /violates the protocol/],
  HTTP: [Buffer.from(http), 'MARSHALLINGERROR', /violates the protocol/],
};
suite('a server that talks nonsense', { concurrency: true }, () => {
  for (const [what, [answer, message]] of Object.entries(noGreetings)) {
    test(`${what} in place of a greeting: the client tries again, and its error text describes the bytes`, async (context) => {
      let asked = 0;
      const port = await fakeServer(context, (socket) => {
        asked++;
        answer(socket);
      });
      // if the server sends nothing, an attempt lasts a third of the session timeout
      const sessionTimeoutMs = what === 'no answer at all' ? 60 : 30_000;
      const options = { reconnectDelayMs: { base: 1, max: 5 }, sessionTimeoutMs };
      await using client = new ZooKeeper(`127.0.0.1:${port}`, options);
      const queued = failsWith(client.get('/a'), 'CLOSED', 'not-sent');
      await until('the client has made three lookups', () => asked >= 3);
      const error = await failsWith(client.connected({ timeoutMs: 1 }), 'OPERATIONTIMEOUT', 'not-sent', message);
      assert.match(error.message, /no session within 1 ms; the last attempt: 127\.0\.0\.1:\d+/);
      assert.equal(client.state, 'CONNECTING');
      assert.ok(client.stats().failedConnects >= 2);
      await client.close();
      await queued;
    });
  }

  test('random bytes in place of a greeting never crash the client', async (context) => {
    const port = await fakeServer(
      context,
      (socket) => void socket.end(randomBytes(1 + Math.floor(Math.random() * 100))),
    );
    const client = new ZooKeeper(`127.0.0.1:${port}`, { reconnectDelayMs: { base: 0, max: 0 } });
    // some random bytes, for example 37 zeros, are a valid greeting that reports an expired session, so the client
    // stops
    await until(
      'the client has made many attempts',
      () => client.stats().failedConnects >= 50 || client.state !== 'CONNECTING',
    );
    await client.close();
    assert.equal(client.state, 'CLOSED');
  });

  for (const [what, [answer, code, message]] of Object.entries(nonsense)) {
    test(`${what} ends the session once, with an error that names the cause`, async (context) => {
      const port = await fakeServer(context, (socket, _chunk, nth) => void socket.write(nth === 0 ? greeting : answer));
      const client = await connect(`127.0.0.1:${port}`);
      const events = sessionEvents(client);
      const stream = client.watch('/b');
      const ready = failsWith(stream.ready, code, 'unknown', message);
      const [first, second] = [client.get('/a'), client.set('/a', 'x')];
      const named = new RegExp(`127\\.0\\.0\\.1:${port} violates the protocol`);
      await ready;
      await failsWith(first, code, 'unknown', named);
      await failsWith(second, code, 'unknown', named);
      await failsWith(stream.next(), code, 'not-sent', named);
      await failsWith(client.get('/a'), code, 'not-sent', named);
      assert.equal(client.state, 'CLOSED');
      await client.close();
      assert.deepEqual(events, ['Closed']);
    });
  }

  test('a waiting watch stream gets the error when the server violates the protocol', async (context) => {
    let socket: Socket | undefined;
    const port = await fakeServer(context, (each, _chunk, nth) => {
      socket = each;
      each.write(nth === 0 ? greeting : reply(1, 0, (writer) => writer.int(0)));
    });
    const client = await connect(`127.0.0.1:${port}`);
    const stream = client.watch('/a');
    await stream.ready;
    const next = stream.next();
    socket!.write(http);
    await failsWith(next, 'MARSHALLINGERROR', 'not-sent', /violates the protocol/);
    await client.close();
  });

  test('a complete but unreadable reply fails only its request', async (context) => {
    const port = await fakeServer(context, (socket, _chunk, nth) => {
      if (nth === 0) socket.write(greeting);
      else socket.write(Buffer.concat([reply(1, 0, (writer) => writer.int(99)), reply(2, -101)]));
    });
    await using client = await connect(`127.0.0.1:${port}`);
    const [first, second] = [client.get('/a'), client.exists('/a')];
    await failsWith(first, 'MARSHALLINGERROR', 'unknown', /the reply from 127\.0\.0\.1:\d+ cannot be read/);
    assert.equal(await second, null);
    assert.equal(client.state, 'CONNECTED');
    client.updateServers('127.0.0.1:1');
  });

  test('an unknown error code is SYSTEMERROR with its number', async (context) => {
    const port = await fakeServer(
      context,
      (socket, _chunk, nth) => void socket.write(nth === 0 ? greeting : reply(1, -999)),
    );
    const client = await connect(`127.0.0.1:${port}`);
    await failsWith(client.get('/a'), 'SYSTEMERROR', 'rejected', /unknown error -999/);
    client.updateServers('127.0.0.1:1');
    await client.close();
  });

  test('unexpected pings and events are ignored', async (context) => {
    const event = reply(-1, 0, (writer) => writeWatcherEvent(writer, { type: 3, state: 3, path: '/nobody' }));
    const oddEvent = reply(-1, 0, (writer) => writeWatcherEvent(writer, { type: 77, state: 3, path: null }));
    const port = await fakeServer(context, (socket, _chunk, nth) => {
      socket.write(nth === 0 ? greeting : Buffer.concat([reply(-2), event, oddEvent, reply(1, -101)]));
    });
    const client = await connect(`127.0.0.1:${port}`);
    assert.equal(await client.exists('/a'), null);
    client.updateServers('127.0.0.1:1');
    await client.close();
  });
});
