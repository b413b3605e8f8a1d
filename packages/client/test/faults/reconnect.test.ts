import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type WatchEvent, ZooKeeper } from '../../src/index.js';
import { failsWith, faultBench, fourLetterWord, sessionEvents, until } from '../support/fault-bench.js';

const text = ({ type, path }: WatchEvent) => `${type} ${path}`;

suite('a connection that is lost and made again', () => {
  test('a reconnect in time keeps the session, its ephemeral nodes and its identities', async (context) => {
    const { proxy, witness, connect } = await faultBench(context);
    const client = await connect({ auth: [{ scheme: 'digest', auth: 'bob:secret' }] });
    await client.addAuth('digest', 'ann:secret');
    await client.create('/mine', '', { mode: 'EPHEMERAL' });
    const before = client.session;
    const events = sessionEvents(client);
    for (let round = 0; round < 3; round++) {
      proxy.cut();
      await until('the client is connected again', () => client.stats().connects === round + 2);
    }
    await client.sync();
    assert.deepEqual(client.session, before);
    assert.equal((await witness.exists('/mine'))?.ephemeralOwner, before.id);
    const users = (await client.whoAmI()).map(({ user }) => user);
    assert.deepEqual(users.sort(), ['127.0.0.1', 'ann', 'bob']);
    assert.deepEqual(events, Array.from({ length: 3 }, () => ['Disconnected', 'SyncConnected']).flat());
  });

  test('after a reconnect watches get the missed events, and persistent ones PossiblyMissed if there was a write', async (context) => {
    const { proxy, witness, connect } = await faultBench(context);
    const client = await connect();
    for (const path of ['/data', '/children', '/persistent', '/kept']) await witness.create(path);
    const oneShot: WatchEvent[] = [];
    const persistent: WatchEvent[] = [];
    const watch = (event: WatchEvent) => void oneShot.push(event);
    await client.get('/data', { watch });
    await client.children('/children', { watch });
    await client.exists('/coming', { watch });
    await client.get('/kept', { watch });
    await client.addWatch('/persistent', (event) => void persistent.push(event));
    await client.sync();
    proxy.cut();
    await until('the client is connected again', () => client.stats().connects === 2);
    await client.sync();
    assert.deepEqual([oneShot, persistent], [[], []]);
    await proxy.refuse();
    proxy.cut();
    await until('the client is disconnected', () => client.state === 'CONNECTING');
    await witness.set('/data', 'x');
    await witness.create('/children/a');
    await witness.create('/coming');
    await witness.set('/persistent', 'x');
    await proxy.accept();
    await client.connected();
    await client.sync();
    assert.deepEqual(oneShot.map(text).sort(), [
      'NodeChildrenChanged /children',
      'NodeCreated /coming',
      'NodeDataChanged /data',
    ]);
    assert.deepEqual(persistent.map(text), ['PossiblyMissed /persistent']);
    await witness.set('/kept', 'x');
    await witness.set('/persistent', 'y');
    await client.sync();
    assert.deepEqual(oneShot.slice(3).map(text), ['NodeDataChanged /kept']);
    assert.deepEqual(persistent.slice(1).map(text), ['NodeDataChanged /persistent']);
  });

  test('a session that the server ended during the disconnection emits Expired once, and keeps no watch or node', async (context) => {
    const { proxy, witness, connect } = await faultBench(context);
    const client = await connect({ sessionTimeoutMs: 1000, reconnectDelayMs: { base: 5, max: 20 } });
    const { id } = client.session;
    await client.create('/mine', '', { mode: 'EPHEMERAL' });
    await client.addWatch('/', () => {});
    const events = sessionEvents(client);
    const stream = client.watch('/mine');
    await stream.ready;
    const next = failsWith(stream.next(), 'SESSIONEXPIRED', 'not-sent', /session 0x[0-9a-f]+ expired/);
    // the session ends on the server while the proxy refuses connections; later, the client learns of the
    // end from the server's reply or from its own clock
    await proxy.refuse();
    proxy.cut();
    await until('the client is disconnected', () => client.state === 'CONNECTING');
    const queued = failsWith(client.create('/late'), 'SESSIONEXPIRED', 'not-sent');
    await until('the server has ended the session', async () => (await witness.exists('/mine')) === null);
    await proxy.accept();
    await Promise.all([next, queued]);
    assert.equal(client.state, 'CLOSED');
    await failsWith(client.exists('/'), 'SESSIONEXPIRED', 'not-sent');
    await failsWith(client.connected(), 'SESSIONEXPIRED', 'not-sent');
    await failsWith(client.addAuth('digest', 'a:b'), 'SESSIONEXPIRED', 'not-sent');
    await failsWith(client.watch('/').next(), 'SESSIONEXPIRED', 'not-sent');
    assert.deepEqual(client.stats().watches, { data: 0, exists: 0, children: 0, persistent: 0, recursive: 0 });
    await client.close();
    assert.deepEqual(events, ['Disconnected', 'Expired']);
    assert.equal(client.session.id, id);
    assert.equal(await witness.exists('/late'), null);
  });

  test('a client without a server expires its session itself after four thirds of the timeout', async (context) => {
    const { proxy, connect } = await faultBench(context);
    const client = await connect({ sessionTimeoutMs: 1500 });
    const events = sessionEvents(client);
    await client.sync();
    const startMs = performance.now();
    await proxy.refuse();
    proxy.cut();
    await until('the client is disconnected', () => client.state === 'CONNECTING');
    await failsWith(client.create('/late'), 'SESSIONEXPIRED', 'not-sent', /no server answered for \d+ ms/);
    const afterMs = performance.now() - startMs;
    assert.ok(afterMs > 1800 && afterMs < 2000 + 700, `${afterMs} ms`);
    assert.deepEqual(events, ['Disconnected', 'Expired']);
  });

  test('5,000 watches with long paths are registered again in several frames, and none is lost', async (context) => {
    const { serverPort, proxy, witness, connect } = await faultBench(context);
    const client = await connect();
    const long = `/${'directory-'.repeat(15)}`;
    await witness.create(long);
    const paths = Array.from({ length: 2500 }, (_, index) => `${long}/${'n'.repeat(40)}-${index}`);
    await Promise.all(paths.map((path) => witness.create(path)));
    const told: string[] = [];
    const watch = (event: WatchEvent) => void told.push(text(event));
    await Promise.all(paths.flatMap((path) => [client.get(path, { watch }), client.children(path, { watch })]));
    // the four-letter word `wchs` does not count watches of children
    assert.match(await fourLetterWord(serverPort, 'wchs'), /Total watches:2500/);
    const framesBefore = client.stats().framesSent;
    await proxy.refuse();
    proxy.cut();
    await until('the client is disconnected', () => client.state === 'CONNECTING');
    await witness.set(paths[0]!, 'x');
    await witness.create(`${paths[1]}/child`);
    await witness.delete(paths[2499]!);
    await proxy.accept();
    await client.connected();
    await client.sync();
    const expected = [`NodeChildrenChanged ${paths[1]}`, `NodeDataChanged ${paths[0]}`, `NodeDeleted ${paths[2499]}`];
    assert.deepEqual(told.sort(), expected);
    assert.match(await fourLetterWord(serverPort, 'wchs'), /Total watches:2498/);
    const frames = client.stats().framesSent - framesBefore;
    assert.ok(frames > 6, `greeting, sync and ${frames - 2} frames of watches`);
    const { data, children } = client.stats().watches;
    assert.deepEqual([data, children], [2498, 2498]);
  });

  test('with one dead server of two in the list, connecting and reconnecting take no longer', async (context) => {
    const { proxy, connect } = await faultBench(context);
    await connect();
    for (let round = 0; round < 6; round++) {
      await using client = new ZooKeeper(`127.0.0.1:1,127.0.0.1:${proxy.port}`, {
        reconnectDelayMs: { base: 5, max: 20 },
      });
      await client.connected({ timeoutMs: 5000 });
      assert.equal(client.server, `127.0.0.1:${proxy.port}`);
      proxy.cut();
      await until('the client is connected again', () => client.stats().connects === 2);
      await client.sync();
    }
  });

  test('a session moves to the other address of a server when the first is gone', async (context) => {
    const { serverPort, proxy, connect } = await faultBench(context);
    const client = await connect({ shuffle: false });
    client.updateServers(`127.0.0.1:${proxy.port},127.0.0.1:${serverPort}`);
    await client.create('/mine', '', { mode: 'EPHEMERAL' }).catch(() => client.connected());
    const { id } = client.session;
    await proxy.refuse();
    proxy.cut();
    await until('the client is on the other server', () => client.server === `127.0.0.1:${serverPort}`);
    assert.equal(client.session.id, id);
    await client.sync();
  });
});
