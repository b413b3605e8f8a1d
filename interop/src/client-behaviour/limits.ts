import assert from 'node:assert/strict';
import { connect, ZooKeeper } from '@nodekeeper/client';
import { Events, refused, type Scenario } from './scenario.js';

const nowhere = '127.0.0.1:1';

export const limits: Scenario[] = [
  {
    name: 'a request whose signal is already aborted is not sent',
    async run({ zk }) {
      const signal = AbortSignal.abort(new Error('enough'));
      const sent = zk.stats().requestsSent;
      const aborted = { outcome: 'not-sent', path: '/a' } as const;
      const error = await refused(zk.create('/a', '', { signal }), 'ABORTED', aborted);
      assert.equal((error.cause as Error).message, 'enough');
      assert.equal(error.number, 0);
      await refused(zk.exists('/a', { signal }), 'ABORTED', aborted);
      await refused(zk.get('/a', { signal }), 'ABORTED', aborted);
      await refused(
        zk.addWatch('/a', () => {}, { signal }),
        'ABORTED',
        aborted,
      );
      await refused(zk.transaction().create('/a').commit({ signal }), 'ABORTED', { outcome: 'not-sent' });
      await refused(zk.multiRead().get('/a').run({ signal }), 'ABORTED', { outcome: 'not-sent' });
      await refused(zk.connected({ signal: AbortSignal.abort() }), 'ABORTED', { outcome: 'not-sent' });
      assert.equal(zk.stats().requestsSent, sent);
      assert.equal(await zk.exists('/a'), null);
    },
  },
  {
    name: 'a request that is aborted after it was sent may be carried out, and later requests are not disturbed',
    async run({ zk }) {
      const controller = new AbortController();
      const create = zk.create('/a', 'x', { signal: controller.signal });
      const behind = zk.get('/a');
      controller.abort();
      await refused(create, 'ABORTED', { outcome: 'unknown', path: '/a', message: /may have been carried out/ });
      assert.equal((await behind).data?.toString(), 'x');
      assert.equal(zk.stats().pending, 0);
    },
  },
  {
    name: 'a signal that is aborted after the reply changes nothing, and can serve many requests',
    async run({ zk }) {
      const controller = new AbortController();
      const { signal } = controller;
      await zk.create('/a', 'x', { signal });
      const reads = await Promise.all(Array.from({ length: 30 }, () => zk.get('/a', { signal, timeoutMs: 5000 })));
      controller.abort();
      assert.equal(reads.length, 30);
      await refused(zk.get('/a', { signal }), 'ABORTED', { outcome: 'not-sent' });
      assert.equal((await zk.get('/a')).data?.toString(), 'x');
    },
  },
  {
    name: 'a request that waits too long for a connection is REQUESTTIMEOUT, and is never sent',
    async run({ zk, port, chroot }) {
      await using client = new ZooKeeper(`${nowhere}${chroot}`, {
        requestTimeoutMs: 30,
        reconnectDelayMs: { base: 1, max: 5 },
      });
      const late = { outcome: 'not-sent', path: '/late', message: /no reply in 30 ms/ } as const;
      await refused(client.create('/late'), 'REQUESTTIMEOUT', late);
      await refused(client.create('/late', '', { timeoutMs: 5 }), 'REQUESTTIMEOUT', {
        message: /in 5 ms/,
        outcome: 'not-sent',
      });
      const patient = client.create('/patient', '', { timeoutMs: 0 });
      const controller = new AbortController();
      const aborted = client.create('/aborted', '', { signal: controller.signal });
      controller.abort();
      await refused(aborted, 'ABORTED', { outcome: 'not-sent' });
      await refused(client.connected({ timeoutMs: 5 }), 'OPERATIONTIMEOUT', { outcome: 'not-sent', op: 'connect' });
      client.updateServers(`127.0.0.1:${port}`);
      await patient;
      assert.deepEqual([await zk.exists('/late'), await zk.exists('/aborted')], [null, null]);
    },
  },
  {
    name: 'connect gives up after connectTimeoutMs or when it is aborted, and reports the last failure',
    async run() {
      const options = { connectTimeoutMs: 400, reconnectDelayMs: { base: 1, max: 5 } };
      const message = /no session within 400 ms; the last attempt: 127\.0\.0\.1:1: .*ECONNREFUSED/;
      await refused(connect(nowhere, options), 'OPERATIONTIMEOUT', { outcome: 'not-sent', op: 'connect', message });
      const controller = new AbortController();
      const unwanted = connect(nowhere, { ...options, connectTimeoutMs: 0, signal: controller.signal });
      setTimeout(() => controller.abort(), 20);
      await refused(unwanted, 'ABORTED', { outcome: 'not-sent', op: 'connect' });
      const { signal } = controller;
      await refused(connect(nowhere, { signal }), 'ABORTED', { outcome: 'not-sent', op: 'connect' });
    },
  },
  {
    name: 'the watch of an aborted read is set anyway, and receives events',
    async run({ zk }) {
      await zk.create('/a');
      const events = new Events();
      const controller = new AbortController();
      const read = zk.get('/a', { watch: events.watch, signal: controller.signal });
      controller.abort();
      await refused(read, 'ABORTED', { outcome: 'unknown' });
      await zk.set('/a', 'x');
      assert.deepEqual(events.rest(), ['NodeDataChanged /a']);
    },
  },
  {
    name: 'many requests can wait for a connection at once',
    async run({ port, chroot }) {
      await using client = new ZooKeeper(`127.0.0.1:${port}${chroot}`);
      await Promise.all(Array.from({ length: 20 }, () => client.connected()));
      assert.equal(client.state, 'CONNECTED');
    },
  },
];
