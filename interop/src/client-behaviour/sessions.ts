import assert from 'node:assert/strict';
import { type ClientOptions, ZooKeeper } from '@nodekeeper/client';
import { type BehaviourContext, Events, refused, type Scenario, sessionEvents, until } from './scenario.js';

/** A port without a listener. */
const nowhere = '127.0.0.1:1';
const quick: ClientOptions = { reconnectDelayMs: { base: 5, max: 20 } };

/**
 * Waits until the server has only `count` sessions. If another session ended while a client is disconnected, that
 * client would miss a write, because the end of a session is a write.
 */
async function untilSessions(count: number, { word }: BehaviourContext): Promise<void> {
  await until(`there are at most ${count} sessions`, async () => {
    return /^zk_global_sessions\t(\d+)$/m.exec(await word('mntr'))?.[1] === String(count);
  });
}

export const sessions: Scenario[] = [
  {
    name: 'the server grants 2 to 20 ticks, or the timeout of its limits',
    async run({ connect }) {
      for (const [wanted, granted] of [
        [1, 400],
        [5000, 5000],
        [100_000, 40_000],
      ] as const) {
        const client = await connect({ sessionTimeoutMs: wanted });
        assert.equal(client.session.timeoutMs, granted);
      }
    },
  },
  {
    name: 'every session has an id, and a unique password of 16 bytes',
    async run({ zk, connect, port }) {
      const other = await connect();
      assert.equal(zk.state, 'CONNECTED');
      assert.equal(zk.server, `127.0.0.1:${port}`);
      assert.equal(zk.session.password.length, 16);
      assert.ok(zk.session.id > 0n && zk.session.id >> 56n === 1n, 'a standalone server is server 1');
      assert.notEqual(zk.session.id, other.session.id);
      assert.ok(!zk.session.password.equals(other.session.password));
      zk.session.password.fill(0);
      assert.ok(
        zk.session.password.some((byte) => byte !== 0),
        'a copy was given',
      );
    },
  },
  {
    name: 'a session is handed over with its credentials: ephemeral nodes stay, and the old client expires once',
    async run({ zk, connect, port }) {
      const old = await connect(quick);
      const events = sessionEvents(old);
      await old.create('/theirs', '', { mode: 'EPHEMERAL' });
      old.updateServers(nowhere);
      const heir = await connect({ session: old.session });
      assert.equal(heir.session.id, old.session.id);
      assert.ok(heir.session.password.equals(old.session.password));
      assert.equal((await zk.exists('/theirs'))?.ephemeralOwner, heir.session.id);
      assert.deepEqual(await heir.getEphemerals(), ['/theirs']);
      await heir.create('/theirs-too', '', { mode: 'EPHEMERAL' });
      await heir.close();
      assert.equal(await zk.exists('/theirs'), null);
      assert.equal(await zk.exists('/theirs-too'), null);
      old.updateServers(`127.0.0.1:${port}`);
      await refused(old.connected(), 'SESSIONEXPIRED', { outcome: 'not-sent' });
      assert.equal(old.state, 'CLOSED');
      await refused(old.exists('/'), 'SESSIONEXPIRED', { outcome: 'not-sent', message: /session 0x[0-9a-f]+ expired/ });
      await old.close();
      assert.deepEqual(events, ['Disconnected', 'Expired']);
    },
  },
  {
    name: 'an unknown session, or a wrong password, is SESSIONEXPIRED at once',
    async run({ connect }) {
      const victim = await connect(quick);
      const { id, password } = victim.session;
      const expired = { outcome: 'not-sent', message: /no longer knows the session/ } as const;
      await refused(connect({ session: { id: 0x1234n, password } }), 'SESSIONEXPIRED', expired);
      const wrong = Buffer.from(password.map((byte) => byte ^ 1));
      await refused(connect({ session: { id, password: wrong } }), 'SESSIONEXPIRED', expired);
      // ZooKeeper closes the victim's connection before it checks the password of the other client, so the victim must
      // reconnect
      await until('it is connected', () =>
        victim.sync().then(
          () => true,
          () => false,
        ),
      );
      assert.equal(victim.session.id, id);
    },
  },
  {
    name: 'after a restart of the server the session, ephemeral nodes, identities and watches are the same, and waiting requests are carried out',
    inChroot: false,
    async run(context) {
      const { zk, connect, restart } = context;
      // ZooKeeper ignores a connect request that arrives too soon after the restart. The client then waits for a third
      // of the session timeout before it retries, so the timeout is short.
      const sessionTimeoutMs = 9000;
      const client = await connect({ ...quick, sessionTimeoutMs, auth: [{ scheme: 'digest', auth: 'bob:secret' }] });
      const events = sessionEvents(client);
      const [data, persistent] = [new Events(), new Events()];
      await client.create('/a', '0');
      await client.create('/mine', '', { mode: 'EPHEMERAL' });
      await client.get('/a', { watch: data.watch });
      await client.addWatch('/a', persistent.watch);
      const { id } = client.session;
      await untilSessions(3, context);
      let parked: Promise<unknown> | undefined;
      await restart(async () => {
        await until('the client has noticed', () => client.state === 'CONNECTING');
        assert.equal(client.server, undefined);
        parked = client.set('/a', '1');
        void client.create('/a/b');
        assert.equal(client.stats().queued, 2);
      });
      await parked;
      assert.equal(client.session.id, id);
      assert.deepEqual(await client.getEphemerals(), ['/mine']);
      assert.deepEqual((await client.children('/a')).children, ['b']);
      assert.ok((await client.whoAmI()).some(({ user }) => user === 'bob'));
      assert.deepEqual(data.rest(), ['NodeDataChanged /a']);
      assert.deepEqual(persistent.rest(), ['NodeDataChanged /a', 'NodeCreated /a/b']);
      assert.deepEqual(events, ['Disconnected', 'SyncConnected']);
      const { connects, disconnects, queued } = client.stats();
      assert.deepEqual([connects, disconnects, queued], [2, 1, 0]);
      // the runner closes `zk` next, and `zk` can end its session only while it is connected
      await zk.connected();
    },
  },
  {
    name: 'one-shot watches receive changes made without a connection, and persistent ones receive PossiblyMissed',
    async run({ zk, connect, port }) {
      const client = await connect(quick);
      for (const path of ['/changed', '/deleted', '/same', '/parent', '/watched']) await zk.create(path);
      const seen = new Events();
      await client.get('/changed', { watch: seen.watch });
      await client.exists('/deleted', { watch: seen.watch });
      await client.get('/same', { watch: seen.watch });
      await client.children('/parent', { watch: seen.watch });
      await client.exists('/created', { watch: seen.watch });
      const persistent = new Events();
      await client.addWatch('/watched', persistent.watch, { mode: 'PERSISTENT' });
      await client.addWatch('/watched/below', persistent.watch);
      client.updateServers(nowhere);
      await zk.create('/watched/below');
      await zk.set('/changed', 'x');
      await zk.delete('/deleted');
      await zk.create('/parent/child');
      await zk.create('/created');
      client.updateServers(`127.0.0.1:${port}`);
      await client.connected();
      await client.sync();
      assert.deepEqual(seen.rest().sort(), [
        'NodeChildrenChanged /parent',
        'NodeCreated /created',
        'NodeDataChanged /changed',
        'NodeDeleted /deleted',
      ]);
      assert.deepEqual(persistent.rest().sort(), ['PossiblyMissed /watched', 'PossiblyMissed /watched/below']);
      await zk.set('/same', 'y');
      await zk.set('/watched/below', 'y');
      await client.sync();
      assert.deepEqual(seen.rest(), ['NodeDataChanged /same']);
      assert.deepEqual(persistent.rest(), ['NodeDataChanged /watched/below']);
    },
  },
  {
    name: 'PossiblyMissed does not fire if nothing was written while the client had no connection',
    async run(context) {
      const { zk, connect, port } = context;
      const client = await connect(quick);
      const events = new Events();
      await client.addWatch('/a', events.watch);
      await client.exists('/a', { watch: events.watch });
      await client.sync();
      await untilSessions(3, context);
      client.updateServers(nowhere);
      client.updateServers(`127.0.0.1:${port}`);
      await client.connected();
      await client.sync();
      assert.deepEqual(events.rest(), []);
      await zk.create('/a');
      await client.sync();
      assert.deepEqual(events.rest(), ['NodeCreated /a']);
    },
  },
  {
    name: 'autoWatchReset: false drops one-shot watches with the connection, and keeps persistent ones',
    async run({ zk, connect, port }) {
      const client = await connect({ ...quick, autoWatchReset: false });
      await zk.create('/a');
      const [oneShot, persistent] = [new Events(), new Events()];
      await client.get('/a', { watch: oneShot.watch });
      await client.addWatch('/a', persistent.watch);
      client.updateServers(nowhere);
      assert.deepEqual(client.stats().watches, { data: 0, exists: 0, children: 0, persistent: 0, recursive: 1 });
      client.updateServers(`127.0.0.1:${port}`);
      await client.connected();
      await zk.set('/a', 'x');
      await client.sync();
      assert.deepEqual(oneShot.rest(), []);
      assert.deepEqual(persistent.rest(), ['NodeDataChanged /a']);
    },
  },
  {
    name: 'updateServers keeps a connection to a server of the new list, leaves other servers, and keeps the chroot',
    async run({ connect, port, chroot }) {
      const client = await connect(quick);
      assert.equal(client.updateServers(`127.0.0.1:${port}`), false);
      assert.equal(client.updateServers(`127.0.0.1:${port}${chroot}`), false);
      const { id } = client.session;
      assert.equal(client.updateServers(`localhost:${port}`), true);
      await client.connected();
      assert.equal(client.server, `localhost:${port}`);
      assert.equal(client.session.id, id);
      assert.equal(await client.exists('/none'), null);
      const wrong = (text: string, message: RegExp) => {
        assert.throws(() => client.updateServers(text), { code: 'BADARGUMENTS', message });
      };
      wrong(`127.0.0.1:${port}/another`, /chroot of a client cannot change/);
      wrong('', /names no server/);
      assert.equal(client.state, 'CONNECTED');
    },
  },
  {
    name: 'a closed client rejects every request with CLOSED, and can be closed again',
    async run({ connect }) {
      const client = await connect();
      const events = sessionEvents(client);
      const before = client.create('/before', 'x');
      const closing = client.close();
      await refused(client.create('/after'), 'CLOSED', { outcome: 'not-sent', path: '/after' });
      assert.equal((await before).path, '/before');
      await Promise.all([closing, client.close()]);
      await client.close();
      assert.equal(client.state, 'CLOSED');
      assert.equal(client.server, undefined);
      assert.deepEqual(events, ['Closed']);
      const closed = { outcome: 'not-sent', message: /the client is closed/ } as const;
      await refused(client.get('/before'), 'CLOSED', closed);
      await refused(client.transaction().create('/x').commit(), 'CLOSED', closed);
      await refused(client.multiRead().get('/before').run(), 'CLOSED', closed);
      await refused(client.whoAmI(), 'CLOSED', closed);
      await refused(
        client.addWatch('/a', () => {}),
        'CLOSED',
        closed,
      );
      await refused(client.addAuth('digest', 'a:b'), 'CLOSED', closed);
      await refused(client.connected(), 'CLOSED', closed);
    },
  },
  {
    name: 'requests made before the client is connected are carried out after that',
    async run({ zk, port, chroot }) {
      await using client = new ZooKeeper(`127.0.0.1:${port}${chroot}`);
      assert.equal(client.state, 'CONNECTING');
      assert.equal(client.session.id, 0n);
      const events = sessionEvents(client);
      const created = client.create('/a', 'x', { mode: 'EPHEMERAL' });
      const read = client.get('/a');
      const auth = client.addAuth('digest', 'bob:secret');
      assert.equal(client.stats().queued, 2);
      assert.equal((await created).stat.ephemeralOwner, client.session.id);
      assert.equal((await read).data?.toString(), 'x');
      await auth;
      assert.deepEqual(events, ['SyncConnected']);
      assert.ok(await zk.exists('/a'));
    },
  },
  {
    name: 'await using closes the session at the end of the block',
    async run({ zk, connect }) {
      {
        await using client = await connect();
        await client.create('/mine', '', { mode: 'EPHEMERAL' });
      }
      assert.equal(await zk.exists('/mine'), null);
    },
  },
  {
    name: 'the state event is emitted together with the event of that name, and before it',
    async run({ connect, port }) {
      const client = await connect(quick);
      const seen: string[] = [];
      client.on('state', ({ event, state }) => seen.push(`state ${event} ${state}`));
      client.on('Disconnected', ({ reason }) => seen.push(`Disconnected: ${reason}`));
      client.on('SyncConnected', ({ reason, state }) => seen.push(`SyncConnected ${state}: ${reason}`));
      client.once('Closed', ({ reason }) => seen.push(`Closed: ${reason}`));
      client.updateServers(`localhost:${port}`);
      await client.connected();
      await client.close();
      assert.deepEqual(seen, [
        'state Disconnected CONNECTING',
        `Disconnected: the connection to 127.0.0.1:${port} was lost (the list of servers changed)`,
        'state SyncConnected CONNECTED',
        `SyncConnected CONNECTED: connected to localhost:${port}`,
        'state Closed CLOSED',
        'Closed: closed by the application',
      ]);
    },
  },
];
