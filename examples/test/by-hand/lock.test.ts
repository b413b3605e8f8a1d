import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withLock } from '../../by-hand/lock.js';
import { connectTo, runExample, startLossyProxy, startTestServer, Told } from '../support/setup.js';

const lock = '/examples/lock';
const minute = '60000';

test('lock: when the holder is killed, the next client gets the lock with a larger token', async (context) => {
  const server = await startTestServer(context);
  const first = runExample(context, 'by-hand/lock', server, minute);
  const held = await first.line(/have it/);
  const second = runExample(context, 'by-hand/lock', server, '1');
  await second.line(/waiting/);
  await first.end('SIGKILL');
  const heldNext = await second.line(/have it/);
  const token = (line: string) => Number(line.split(' ').at(-1));
  assert.ok(token(heldNext) > token(held), `${heldNext} after ${held}`);
  await second.line(/done/);
  assert.equal(await second.exited, 0);
});

test('lock: clients get it in the order of their requests, one at a time', async (context) => {
  const server = await startTestServer(context);
  const clients = await Promise.all([1, 2, 3].map(() => connectTo(context, server)));
  const order: string[] = [];
  const asked = clients.map((zk, index) =>
    withLock(zk, lock, async () => {
      order.push(`+${index}`);
      await zk.sync('/');
      order.push(`-${index}`);
    }),
  );
  await Promise.all(asked);
  assert.equal(order.length, 6);
  for (let at = 0; at < order.length; at += 2) assert.equal(order[at]?.slice(1), order[at + 1]?.slice(1));
  assert.deepEqual((await clients[0]!.children(lock)).children, []);
});

test('lock: after a lost reply to its create, a client finds its node and gets the lock', async (context) => {
  const server = await startTestServer(context);
  const proxy = await startLossyProxy(context, server);
  const observer = await connectTo(context, server);
  await observer.createWithParents(lock);
  const zk = await connectTo(context, proxy);
  proxy.loseAnswerToNextCreate();
  let nodes: string[] = [];
  await withLock(zk, lock, async () => {
    nodes = (await observer.children(lock)).children;
  });
  assert.equal(zk.stats().disconnects, 1);
  assert.equal(nodes.length, 1);
  assert.deepEqual((await observer.children(lock)).children, []);
});

test('lock: the holder is notified when its connection is lost', async (context) => {
  const server = await startTestServer(context);
  const proxy = await startLossyProxy(context, server);
  const zk = await connectTo(context, proxy);
  const holding = new Told<AbortSignal>();
  const work = withLock(zk, lock, async ({ signal }) => {
    holding.tell(signal);
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    throw signal.reason;
  });
  await holding.next();
  proxy.cut();
  await assert.rejects(work, /in doubt/);
  assert.deepEqual((await zk.children(lock)).children, [], 'it was released after the reconnect');
});
