import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { type Held, LeaderElection, Lock } from '../../src/index.js';
import { recipeBench, refused } from '../support/bench.js';
import { disturbed, namesIn, untilCount } from '../support/line.js';

/** Returns a promise, and a function that resolves it. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

test('the work runs while this client leads, and its result is the result of the call', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const election = new LeaderElection(zk, '/deep/e', { id: 'me' });
  const result = await election.run(async (held, signal) => {
    assert.equal(signal.aborted, false);
    const [leader] = await election.contenders();
    assert.deepEqual(leader, { id: 'me', path: held.path, token: held.token, isLeader: true });
    return held.token;
  });
  assert.ok(result > 0);
  assert.deepEqual(await election.contenders(), []);
});

test('work that throws gives the leadership up before its error reaches the caller', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const election = new LeaderElection(zk, '/e');
  for (const requeue of [false, true]) {
    const failing = election.run(
      () => {
        throw new RangeError('the work');
      },
      { requeue },
    );
    await assert.rejects(failing, RangeError);
    assert.deepEqual(await election.contenders(), []);
  }
});

test('only one client works at a time, and requeue lets each of them lead again', async (context) => {
  const bench = await recipeBench(context);
  let working = 0;
  let terms = 0;
  const controller = new AbortController();
  const work = async (held: Held) => {
    assert.equal(++working, 1);
    await clients[0]!.exists(held.path);
    working--;
    if (++terms === 20) controller.abort();
  };
  const clients = [await bench.connect(), await bench.connect()];
  const runs = clients.map((zk) => {
    return new LeaderElection(zk, '/e').run(work, { requeue: true, signal: controller.signal });
  });
  for (const run of runs) await refused(run, 'ABORTED');
  assert.ok(terms >= 20);
  while ((await clients[0]!.exists('/e'))?.numChildren);
});

test('an election and a lock with the same names stand in one line', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  for (const naming of ['curator', 'kazoo'] as const) {
    const held = await new Lock(zk, `/${naming}`, { naming, data: 'a lock' }).acquire();
    const election = new LeaderElection(zk, `/${naming}`, { naming, id: 'an election' });
    const running = election.run(({ token }) => token);
    await untilCount(zk, `/${naming}`, 2);
    assert.deepEqual(
      (await election.contenders()).map(({ id }) => id),
      ['a lock', 'an election'],
    );
    await held.release();
    assert.ok((await running) > held.token);
  }
});

test('the node stays until the work has ended, also after the signal was aborted', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench, { sessionTimeoutMs: 10_000 });
  const other = await bench.connect();
  const [started, end] = [gate(), gate()];
  let stopped = '';
  const first = new LeaderElection(zk, '/e').run(async (_held, signal) => {
    signal.addEventListener('abort', () => {
      stopped = signal.reason.code;
    });
    started.open();
    await end.opened;
    return 'done';
  });
  await started.opened;
  let next = false;
  const second = new LeaderElection(other, '/e').run(() => {
    next = true;
  });
  await untilCount(other, '/e', 2);
  const connected = once(zk, 'SyncConnected');
  network.cut();
  assert.equal(stopped, 'IN_DOUBT');
  await connected;
  await zk.sync();
  await other.sync();
  assert.equal(next, false);
  assert.equal((await namesIn(other, '/e')).length, 2);
  end.open();
  assert.equal(await first, 'done');
  await second;
});

test('with requeue, work that ends with the reason of its signal runs again after a lost leadership', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench, { renewSession: true });
  const controller = new AbortController();
  const tokens: number[] = [];
  const running = new LeaderElection(zk, '/e').run(
    async ({ token }, signal) => {
      tokens.push(token);
      if (tokens.length === 3) controller.abort();
      const lost = once(signal, 'abort');
      if (tokens.length === 1) network.cut();
      if (tokens.length === 2) await bench.expire(zk);
      if (!signal.aborted) await lost;
      throw signal.reason;
    },
    { requeue: true, signal: controller.signal },
  );
  await assert.rejects(running);
  assert.equal(tokens.length, 3);
  assert.ok(tokens[0]! < tokens[1]! && tokens[1]! < tokens[2]!);
});

test('without requeue, the caller gets the reason with which the work ends', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench);
  const running = new LeaderElection(zk, '/e').run((_held, signal) => {
    network.cut();
    signal.throwIfAborted();
  });
  const error = await refused(running, 'IN_DOUBT');
  assert.match(error.message, /^LeaderElection \/e: it may be lost: /);
});

test('the signal of the caller ends the wait, and aborts the signal of the work', async (context) => {
  const bench = await recipeBench(context);
  const [zk, other] = [await bench.connect(), await bench.connect()];
  const controller = new AbortController();
  const started = gate();
  const leading = new LeaderElection(zk, '/e').run(
    async (_held, signal) => {
      started.open();
      await once(signal, 'abort');
      return signal.reason;
    },
    { signal: controller.signal },
  );
  await started.opened;
  const waiting = new LeaderElection(other, '/e').run(() => {}, { signal: controller.signal });
  await refused(
    new LeaderElection(other, '/e').run(() => {}, { timeoutMs: 20 }),
    'TIMEOUT',
  );
  controller.abort('enough');
  await refused(waiting, 'ABORTED');
  assert.equal(await leading, 'enough');
  while ((await zk.exists('/e'))?.numChildren);
});

test('kazoo#116: a waiting contender leads after its connection was lost and made again', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench);
  const other = await bench.connect();
  const [started, end] = [gate(), gate()];
  const first = new LeaderElection(other, '/e').run(async () => {
    started.open();
    await end.opened;
  });
  await started.opened;
  const second = new LeaderElection(zk, '/e').run(() => 'led');
  await untilCount(other, '/e', 2);
  const connected = once(zk, 'SyncConnected');
  network.cut();
  await connected;
  end.open();
  assert.equal(await second, 'led');
  await first;
});

test('a lost reply to the creation does not leave a second node', async (context) => {
  const bench = await recipeBench(context);
  const { zk, network } = await disturbed(bench, { sessionTimeoutMs: 10_000 });
  const other = await bench.connect();
  await other.create('/e');
  network.loseReplies();
  const running = new LeaderElection(zk, '/e').run(() => 'led');
  await untilCount(other, '/e', 1);
  network.cut();
  assert.equal(await running, 'led');
  assert.deepEqual(await namesIn(other, '/e'), []);
});

test('the arguments are checked', async (context) => {
  const bench = await recipeBench(context);
  const zk = await bench.connect();
  const bad = (build: () => unknown, message: RegExp) => assert.throws(build, { code: 'BADARGUMENTS', message });
  bad(() => new LeaderElection(zk, 'e'), /LeaderElection e: /);
  bad(() => new LeaderElection(zk, '/e', { id: 7 as never }), /LeaderElection \/e: id must be text/);
  bad(() => new LeaderElection(zk, '/e', { data: 'x' } as object), /there is no option data/);
  await refused(new LeaderElection(zk, '/e').run('x' as never), 'BADARGUMENTS');
});
