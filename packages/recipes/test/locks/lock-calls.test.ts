import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Lock } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { disturbed, namesIn, untilCount } from '../support/line.js';

test('kazoo#732: an attempt for a lock that is held returns undefined, and leaves nothing', async (context) => {
  const bench = await recipeBench(context);
  const [first, second] = [await bench.connect(), await bench.connect()];
  const held = await new Lock(first, '/a').tryAcquire();
  assert.ok(held);
  assert.equal(await new Lock(second, '/a').tryAcquire(), undefined);
  assert.deepEqual(await namesIn(first, '/a'), [held.path.slice('/a/'.length)]);
  assert.deepEqual(Object.values(second.stats().watches), [0, 0, 0, 0, 0]);
  await held.release();
  await (await new Lock(second, '/a').tryAcquire())!.release();
});

test('an attempt whose connection is lost leaves no node', async (context) => {
  const bench = await recipeBench(context);
  const [operator, { zk, network }] = [await bench.connect(), await disturbed(bench)];
  await using _ = await new Lock(operator, '/a').acquire();
  network.loseReplies();
  const attempt = new Lock(zk, '/a').tryAcquire();
  await untilCount(operator, '/a', 2);
  network.cut();
  assert.equal(await attempt, undefined);
  assert.equal((await namesIn(operator, '/a')).length, 1);
});

test('contenders are listed in the order of the line, with their data and tokens', async (context) => {
  const bench = await recipeBench(context);
  const [first, second] = [await bench.connect(), await bench.connect()];
  const lock = new Lock(first, '/a', { data: 'one' });
  assert.deepEqual(await lock.contenders(), []);
  const held = await lock.acquire();
  const waiting = new Lock(second, '/a', { data: 'two' }).acquire();
  await untilCount(first, '/a', 2);
  await first.create('/a/foreign');
  const contenders = await lock.contenders();
  assert.deepEqual(
    contenders.map(({ data, sessionId }) => [String(data), sessionId]),
    [
      ['one', first.session.id],
      ['two', second.session.id],
    ],
  );
  assert.equal(contenders[0]!.token, held.token);
  await held.release();
  assert.equal((await waiting).token, contenders[1]!.token);
});

test('the holder is told that another client asks for the release, and decides', async (context) => {
  const bench = await recipeBench(context);
  const [first, second] = [await bench.connect(), await bench.connect()];
  const asked = new EventTarget();
  let requests = 0;
  const onRevoke = () => {
    requests++;
    asked.dispatchEvent(new Event('revoke'));
  };
  const held = await new Lock(first, '/a').acquire({ onRevoke });
  const lock = new Lock(second, '/a');
  const [holder] = await lock.contenders();
  // other data is no request; the holder reads it before the next change
  await first.exists('/');
  const { repliesReceived } = first.stats();
  await second.set(holder!.path, 'note');
  while (first.stats().repliesReceived < repliesReceived + 2) await second.exists('/');
  const revoked = once(asked, 'revoke');
  assert.equal(await lock.requestRevocation(holder!), true);
  await revoked;
  assert.equal(requests, 1);
  assert.equal(held.signal.aborted, false);
  assert.equal(await lock.tryAcquire(), undefined);
  await held.release();
  assert.equal(await lock.requestRevocation(holder!), false);
  await (await lock.acquire()).release();
});

test('a request for revocation that was made before the turn reaches the holder', async (context) => {
  const bench = await recipeBench(context);
  const [first, second] = [await bench.connect(), await bench.connect()];
  const lock = new Lock(first, '/a');
  const held = await lock.acquire();
  const asked = new EventTarget();
  const revoked = once(asked, 'revoke');
  const waiting = new Lock(second, '/a').acquire({ onRevoke: () => asked.dispatchEvent(new Event('revoke')) });
  await untilCount(first, '/a', 2);
  await lock.requestRevocation((await lock.contenders())[1]!);
  await held.release();
  await revoked;
  await (await waiting).release();
});

test('only the node of a contender can be asked for revocation', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const lock = new Lock(zk, '/a');
  await zk.createWithParents('/b/x', 'mine');
  await refused(lock.requestRevocation({ path: '/b/x' }), 'BADARGUMENTS');
  await refused(lock.requestRevocation({ path: '/a/x' }), 'BADARGUMENTS');
  await refused(lock.requestRevocation({ path: '/b/_c_1-lock-0000000001' }), 'BADARGUMENTS');
  assert.equal(String((await zk.get('/b/x')).data), 'mine');
});

test('the options of a call are checked', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const lock = new Lock(zk, '/a');
  const bad = async (options: object, message: RegExp) => {
    assert.match((await refused(lock.acquire(options), 'BADARGUMENTS')).message, message);
    assert.match((await refused(lock.tryAcquire(options), 'BADARGUMENTS')).message, message);
  };
  await bad({ timeoutMs: -1 }, /^Lock \/a: timeoutMs must be a number of milliseconds from 0 to 2147483647/);
  await bad({ timeoutMs: Number.POSITIVE_INFINITY }, /timeoutMs must be/);
  await bad({ signal: {} }, /signal must be an AbortSignal/);
  await bad({ owner: 7 }, /owner must be an object, a symbol or text/);
  await bad({ onRevoke: 'x' }, /onRevoke must be a function/);
  await bad({ timeout: 5 }, /there is no option timeout; the options are signal, timeoutMs, owner, onRevoke/);
  assert.equal(await zk.exists('/a'), null);
});
