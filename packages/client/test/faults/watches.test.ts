import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { WatchEvent, WatchStream, ZooKeeper } from '../../src/index.js';
import {
  type FaultBench,
  failsWith,
  faultBench,
  fourLetterWord,
  sessionEvents,
  until,
} from '../support/fault-bench.js';

const text = ({ type, path }: WatchEvent) => `${type} ${path}`;
const noWatches = { data: 0, exists: 0, children: 0, persistent: 0, recursive: 0 };

async function take(stream: WatchStream, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) taken.push(text((await stream.next()).value!));
  return taken;
}

async function goAway({ proxy }: FaultBench, client: ZooKeeper): Promise<void> {
  await proxy.refuse();
  proxy.cut();
  await until('the client is disconnected', () => client.state === 'CONNECTING');
}

async function comeBack({ proxy }: FaultBench, client: ZooKeeper): Promise<void> {
  await proxy.accept();
  await client.connected();
  await client.sync();
}

suite('watches of a client that is away', () => {
  test('a stream continues after a reconnect, with PossiblyMissed if there was a write during the disconnection', async (context) => {
    const bench = await faultBench(context);
    const client = await bench.connect();
    await using stream = client.watch('/a', { recursive: true });
    await stream.ready;
    await client.create('/a');
    await goAway(bench, client);
    await bench.witness.create('/a/b');
    await comeBack(bench, client);
    await bench.witness.create('/a/c');
    assert.deepEqual(await take(stream, 3), ['NodeCreated /a', 'PossiblyMissed /a', 'NodeCreated /a/c']);
  });

  test('a stream opened during a disconnection is ready after the reconnect', async (context) => {
    const bench = await faultBench(context);
    const client = await bench.connect();
    await goAway(bench, client);
    await using stream = client.watch('/a');
    let isReady = false;
    void stream.ready.then(() => (isReady = true));
    await bench.witness.create('/b');
    assert.equal(isReady, false);
    await comeBack(bench, client);
    assert.equal(isReady, true);
    await bench.witness.create('/a');
    assert.deepEqual(await take(stream, 1), ['NodeCreated /a']);
  });

  test('a stream that ends during a disconnection ends at once, and the next server gets no watch for it', async (context) => {
    const bench = await faultBench(context);
    const client = await bench.connect();
    const [old, left] = [client.watch('/a'), client.watch('/a', { once: 'exists' })];
    await Promise.all([old.ready, left.ready]);
    await goAway(bench, client);
    const young = client.watch('/a', { recursive: true });
    await Promise.all([old.return(), left.return(), young.return()]);
    await failsWith(young.ready, 'ABORTED', 'not-sent');
    await comeBack(bench, client);
    assert.deepEqual(client.stats().watches, noWatches);
    assert.equal((await fourLetterWord(bench.serverPort, 'wchp')).trim(), '');
  });

  test('removeWatches during a disconnection ends at once with local, otherwise after the reconnect', async (context) => {
    const bench = await faultBench(context);
    const client = await bench.connect();
    const events: string[] = [];
    const watch = (event: WatchEvent) => void events.push(text(event));
    await client.addWatch('/a', watch);
    await client.addWatch('/b', watch);
    await goAway(bench, client);
    await client.removeWatches('/a', { local: true });
    assert.deepEqual(events.splice(0), ['PersistentWatchRemoved /a']);
    const removed = client.removeWatches('/b');
    await comeBack(bench, client);
    await removed;
    assert.deepEqual(events.splice(0), ['PersistentWatchRemoved /b']);
    assert.equal((await fourLetterWord(bench.serverPort, 'wchp')).trim(), '');
  });

  test('a removal that is lost with the connection keeps the watch, unless local is given', async (context) => {
    const bench = await faultBench(context);
    const client = await bench.connect();
    const kept: string[] = [];
    const gone: string[] = [];
    await client.addWatch('/a', (event) => void kept.push(text(event)));
    await client.addWatch('/b', (event) => void gone.push(text(event)));
    bench.proxy.stall('toClient');
    const removals = [
      failsWith(client.removeWatches('/a'), 'CONNECTIONLOSS', 'unknown'),
      client.removeWatches('/b', { local: true }),
    ];
    setImmediate(() => bench.proxy.cut());
    await Promise.all(removals);
    bench.proxy.resume();
    await client.connected();
    await client.sync();
    await bench.witness.create('/a');
    await bench.witness.create('/b');
    await client.sync();
    assert.deepEqual([kept, gone], [['NodeCreated /a'], ['PersistentWatchRemoved /b']]);
  });

  test('a read that is lost with the connection sets no watch', async (context) => {
    const bench = await faultBench(context);
    const client = await bench.connect();
    const events: WatchEvent[] = [];
    bench.proxy.stall('toClient');
    const read = failsWith(
      client.exists('/a', { watch: (event) => void events.push(event) }),
      'CONNECTIONLOSS',
      'unknown',
    );
    setImmediate(() => bench.proxy.cut());
    await read;
    bench.proxy.resume();
    await client.sync();
    await bench.witness.create('/a');
    await client.sync();
    assert.deepEqual([events, client.stats().watches], [[], noWatches]);
  });

  test('callbacks may close the client, change its servers, and set watches', async (context) => {
    const bench = await faultBench(context);
    const { proxy, serverPort, witness } = bench;
    const client = await bench.connect();
    const events: string[] = [];
    const again = (event: WatchEvent): void => {
      events.push(text(event));
      if (event.type === 'DataWatchRemoved') void client.get('/a', { watch: again });
      if (event.type === 'NodeDataChanged') client.updateServers(`127.0.0.1:${serverPort}`);
    };
    await witness.create('/a');
    await client.get('/a', { watch: again });
    await client.removeWatches('/a');
    await client.sync();
    await witness.set('/a', 'x');
    await until('the client has changed its server', () => client.server === `127.0.0.1:${serverPort}`);
    assert.deepEqual(events, ['DataWatchRemoved /a', 'NodeDataChanged /a']);
    const closing = await bench.connect();
    const told = sessionEvents(closing);
    closing.once('Disconnected', () => void closing.close());
    const queued = closing.get('/a').catch(() => closing.get('/a'));
    proxy.cut();
    await Promise.allSettled([queued]);
    await closing.close();
    assert.deepEqual(told, ['Disconnected', 'Closed']);
    const watching = await bench.connect();
    let closed: Promise<void> | undefined;
    await watching.get('/a', { watch: () => (closed = watching.close()) });
    const behind = Promise.allSettled([watching.set('/a', 'y'), watching.get('/a')]);
    await behind;
    await closed;
    assert.equal(watching.state, 'CLOSED');
    assert.deepEqual(
      (await behind).map(({ status }) => status),
      ['fulfilled', 'fulfilled'],
    );
  });
});
