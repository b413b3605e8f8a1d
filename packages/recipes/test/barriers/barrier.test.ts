import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ZooKeeper } from '@nodekeeper/client';
import { Barrier } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { Wire } from '../support/wire.js';

/** The number of nodes that the client watches. */
function watched(zk: ZooKeeper): number {
  const { data, exists } = zk.stats().watches;
  return data + exists;
}

test('clients wait as long as the barrier is set, and an open barrier lets them pass', async (context) => {
  const bench = await recipeBench(context);
  const [one, two] = [await bench.connect(), await bench.connect()];
  const barrier = new Barrier(one, '/dir/barrier');
  await barrier.wait();
  await barrier.remove();
  await barrier.set();
  await barrier.set();
  await refused(new Barrier(two, '/dir/barrier').wait({ timeoutMs: 30 }), 'TIMEOUT');
  const waits = Array.from({ length: 5 }, () => new Barrier(two, '/dir/barrier').wait());
  while (watched(two) === 0) await two.exists('/');
  await barrier.remove();
  await Promise.all(waits);
  while (watched(two) > 0) await two.exists('/');
});

test('a waiting client sees an opening, although the barrier is closed again at once', async (context) => {
  const bench = await recipeBench(context);
  const [one, two] = [await bench.connect(), await bench.connect()];
  const barrier = new Barrier(one, '/barrier');
  await barrier.set();
  const waiting = new Barrier(two, '/barrier').wait();
  while (watched(two) === 0) await one.exists('/');
  await Promise.all([barrier.remove(), barrier.set()]);
  await waiting;
});

test('a waiting client survives a disconnection and a renewed session; other sessions end the call', async (context) => {
  const bench = await recipeBench(context);
  const other = await bench.connect();
  const wire = new Wire(other);
  const zk = await bench.connect({ ports: wire.ports, renewSession: true });
  const mortal = await bench.connect();
  await new Barrier(other, '/barrier').set();
  const waiting = new Barrier(zk, '/barrier').wait();
  const ending = new Barrier(mortal, '/barrier').wait();
  while (watched(mortal) === 0) await other.exists('/');
  wire.cut();
  await bench.expire(zk);
  await bench.expire(mortal);
  await refused(ending, 'SESSIONEXPIRED');
  await zk.connected();
  await new Barrier(other, '/barrier').remove();
  await waiting;
});

test('a server that refuses is named', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  await zk.create('/closed', '', { acl: [{ scheme: 'world', id: 'anyone', perms: 1 }] });
  const error = await refused(new Barrier(zk, '/closed/a').set(), 'NOAUTH');
  assert.match(error.message, /^Barrier \/closed\/a: create \/closed\/a: /);
});
