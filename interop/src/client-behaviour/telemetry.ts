import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import type { RequestDiagnostics, SessionDiagnostics, ZooKeeper } from '@nodekeeper/client';
import { refused, type Scenario, until } from './scenario.js';

/** Subscribes to a diagnostics channel while `use` runs, and returns the channel's messages. */
async function listening<Message>(name: string, use: () => Promise<void>): Promise<Message[]> {
  const seen: Message[] = [];
  const listen = (message: unknown) => void seen.push(message as Message);
  const subject = channel(`nodekeeper:client:${name}`);
  subject.subscribe(listen);
  try {
    await use();
  } finally {
    subject.unsubscribe(listen);
  }
  return seen;
}

const of = <Message extends { sessionId: bigint }>(zk: ZooKeeper, messages: Message[]) =>
  messages.filter(({ sessionId }) => sessionId === zk.session.id);

export const telemetry: Scenario[] = [
  {
    name: 'the request channels report the start and the end of each request with the same object',
    async run({ zk, port }) {
      let started: RequestDiagnostics[] = [];
      const ended = await listening<RequestDiagnostics>('request:end', async () => {
        started = await listening<RequestDiagnostics>('request:start', async () => {
          await zk.create('/a', 'x');
          await zk.get('/a');
          await refused(zk.delete('/none'), 'NONODE');
          await zk.transaction().set('/a', 'y').commit();
          await refused(zk.exists('/a', { signal: AbortSignal.abort() }), 'ABORTED', { outcome: 'not-sent' });
          await refused(zk.get('bad'), 'BADARGUMENTS', { outcome: 'not-sent' });
        });
      });
      assert.deepEqual(
        of(zk, started).map(({ op, path, error }) => [op, path, error?.code]),
        [
          ['create2', '/a', undefined],
          ['getData', '/a', undefined],
          ['delete', '/none', 'NONODE'],
          ['multi', undefined, undefined],
          ['exists', '/a', 'ABORTED'],
        ],
      );
      assert.deepEqual(of(zk, ended), of(zk, started));
      of(zk, ended).forEach((message, index) => {
        assert.equal(message, of(zk, started)[index]);
        assert.ok(message.durationMs !== undefined && message.durationMs >= 0 && message.durationMs < 10_000);
        assert.equal(message.server, `127.0.0.1:${port}`);
      });
    },
  },
  {
    name: 'the session channel reports every change with its reason',
    async run({ connect, port }) {
      const client = await connect({ reconnectDelayMs: { base: 1, max: 2 } });
      const seen = await listening<SessionDiagnostics>('session', async () => {
        client.updateServers(`localhost:${port}`);
        await client.connected();
        await client.close();
      });
      assert.deepEqual(
        of(client, seen).map(({ event, server }) => [event, server]),
        [
          ['Disconnected', undefined],
          ['SyncConnected', `localhost:${port}`],
          ['Closed', undefined],
        ],
      );
      assert.match(of(client, seen)[0]!.reason, /the list of servers changed/);
    },
  },
  {
    name: 'stats counts requests, replies, events, frames and bytes, across reconnects',
    async run({ connect, port }) {
      const client = await connect({ reconnectDelayMs: { base: 1, max: 2 } });
      const before = client.stats();
      const { state, server, sessionId, connects, failedConnects, disconnects, requestsSent } = before;
      assert.deepEqual([state, server, sessionId], ['CONNECTED', `127.0.0.1:${port}`, client.session.id]);
      assert.deepEqual([connects, failedConnects, disconnects, requestsSent], [1, 0, 0, 0]);
      assert.deepEqual([before.framesSent, before.framesReceived], [1, 1]);
      await client.create('/a', 'x'.repeat(1000));
      await client.get('/a', { watch: () => {} });
      assert.equal(client.stats().watches.data, 1);
      const set = client.set('/a', 'y');
      assert.equal(client.stats().pending, 1);
      await set;
      const after = client.stats();
      assert.equal(after.requestsSent, 3);
      assert.equal(after.repliesReceived, 3);
      assert.equal(after.watchEvents, 1);
      assert.equal(after.watches.data, 0);
      assert.equal(after.framesSent, 4);
      assert.equal(after.framesReceived, 5);
      assert.ok(after.bytesSent > 1000 && after.bytesSent < 1400, `${after.bytesSent} bytes sent`);
      assert.ok(after.bytesReceived > 1000 && after.bytesReceived < 1600, `${after.bytesReceived} bytes received`);
      assert.equal(after.lastZxid, client.lastZxid);
      client.updateServers(`localhost:${port}`);
      await client.connected();
      const moved = client.stats();
      assert.deepEqual([moved.connects, moved.disconnects, moved.requestsSent], [2, 1, 3]);
      assert.deepEqual([moved.framesSent, moved.framesReceived], [5, 6]);
    },
  },
  {
    name: "lastZxid grows with this client's writes, and with the writes of others that it reads",
    async run({ zk, connect }) {
      const other = await connect();
      const { stat } = await zk.create('/a');
      assert.equal(zk.lastZxid, stat.czxid);
      const { mzxid } = await other.set('/a', 'x');
      assert.equal(mzxid, stat.czxid + 1);
      assert.equal(zk.lastZxid, stat.czxid);
      await zk.get('/a');
      assert.equal(zk.lastZxid, mzxid);
      await until('the other client has the same zxid', () => other.lastZxid === mzxid);
    },
  },
];
