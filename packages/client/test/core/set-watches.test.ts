import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode, type SetWatches2, Writer, Xid } from '@nodekeeper/protocol';
import fc from 'fast-check';
import { watchBatches } from '../../src/core/set-watches.js';
import { type WatchKind, WatchRegistry, watchKinds } from '../../src/core/watch-registry.js';
import { reply, stat, TestSession } from '../support/test-session.js';

const limit = 128 * 1024;

function registryOf(watches: readonly (readonly [WatchKind, string])[]): WatchRegistry<string> {
  const registry = new WatchRegistry<string>();
  for (const [kind, path] of watches) registry.add(kind, path, 'w');
  return registry;
}

/** Returns the watches of a batch, each as `kind path`. */
function pathsOf(body: SetWatches2): string[] {
  const lists: Record<WatchKind, (string | null)[] | null> = {
    data: body.dataWatches,
    exists: body.existWatches,
    children: body.childWatches,
    persistent: body.persistentWatches,
    recursive: body.persistentRecursiveWatches,
  };
  return watchKinds.flatMap((kind) => (lists[kind] ?? []).map((path) => `${kind} ${path}`));
}

/** Returns the number of bytes in the frame of a batch: header and record. */
function frameBytes({ operation, body }: ReturnType<typeof watchBatches>[number]): number {
  const writer = new Writer();
  operation.write(writer, body);
  return 8 + writer.position;
}

test('without watches there is no batch', () => {
  assert.deepEqual(watchBatches(new WatchRegistry(), 5), []);
});

test('one-shot watches are registered with setWatches, which every server knows, persistent ones with setWatches2', () => {
  const names = (...kinds: WatchKind[]) =>
    watchBatches(registryOf(kinds.map((kind) => [kind, '/a'])), 5).map(({ operation }) => operation.name);
  assert.deepEqual(names('data', 'exists', 'children'), ['setWatches']);
  assert.deepEqual(names('persistent'), ['setWatches2']);
  assert.deepEqual(names('data', 'recursive'), ['setWatches2']);
});

test('each kind is in its own list, and the zxid is in every batch', () => {
  const { body } = watchBatches(registryOf(watchKinds.map((kind) => [kind, `/${kind}`])), 0x500000001)[0]!;
  assert.deepEqual(
    pathsOf(body),
    watchKinds.map((kind) => `${kind} /${kind}`),
  );
  assert.equal(body.relativeZxid, 0x500000001);
});

test('L-3 ZOOKEEPER-706: no batch reaches 128 KiB, no batch is empty, and together they have every watch once', () => {
  const path = fc
    .tuple(fc.integer({ min: 1, max: 60_000 }), fc.integer(), fc.constantFrom('x', 'ü', '漢'))
    .map(([length, number, letter]) => `/${number}${letter.repeat(Math.ceil(length / letter.length))}`);
  const watches = fc.array(fc.tuple(fc.constantFrom(...watchKinds), path), { maxLength: 20 });
  fc.assert(
    fc.property(watches, (list) => {
      const batches = watchBatches(registryOf(list), 1);
      const expected = new Set(list.map(([kind, each]) => `${kind} ${each}`));
      const actual = batches.flatMap(({ body }) => pathsOf(body));
      assert.deepEqual([...actual].sort(), [...expected].sort());
      for (const batch of batches) {
        const isAlone = pathsOf(batch.body).length === 1;
        assert(frameBytes(batch) < limit || isAlone, `${frameBytes(batch)} bytes`);
        assert(pathsOf(batch.body).length > 0);
      }
    }),
    { numRuns: 60 },
  );
});

test('there are no more batches than needed: 10,000 short watches take two', () => {
  const watches = Array.from({ length: 10_000 }, (_, index) => ['data', `/${10_000 + index}`] as [WatchKind, string]);
  assert.deepEqual(
    watchBatches(registryOf(watches), 1).map((batch) => frameBytes(batch) > limit / 2),
    [true, false].slice(0, 1),
  );
});

test('a batch of one-shot watches uses setWatches even if another batch has persistent watches', () => {
  const long = 'x'.repeat(100_000);
  const batches = watchBatches(
    registryOf([
      ['data', `/${long}`],
      ['recursive', `/${long}`],
    ]),
    1,
  );
  assert.deepEqual(
    batches.map(({ operation }) => operation.name),
    ['setWatches', 'setWatches2'],
  );
});

test('watches survive any number of lost connections, including those that never registered them', () => {
  const test = new TestSession().connected();
  test.answer(test.get('/a', 'w'), 5, { data: null, stat });
  for (let count = 0; count < 3; count++) {
    assert.deepEqual(
      test.reconnect().behind.map(({ op }) => op),
      ['setWatches'],
    );
  }
});

test('without automatic reset, one-shot watches end with the connection and persistent ones do not', () => {
  const test = new TestSession({ autoWatchReset: false }).connected();
  test.answer(test.get('/a', 'w'), 5, { data: null, stat });
  test.answer(test.addWatch('/b', 'deep'), 5, { err: 0 });
  const { op, body } = test.reconnect().behind[0]!;
  assert.equal(op, 'setWatches2');
  assert.deepEqual(pathsOf(body as SetWatches2), ['recursive /b']);
});

/**
 * Returns a session that has a watch and has just moved to its second server. That server has greeted the client, but
 * has not answered setWatches yet.
 */
function broughtWatches(): TestSession {
  const test = new TestSession().connected();
  test.answer(test.get('/a', 'w'), 5, { data: null, stat });
  test.reconnect();
  return test;
}

const refusal = reply(Xid.setWatches, 9, ErrorCode.QUOTAEXCEEDED);

test('a session leaves a server that refuses the watches, with an event, and the next server gets all of them', () => {
  const test = broughtWatches();
  const [refusing, request] = [test.link, test.get('/b')];
  test.link.receive(refusal);
  assert.equal(refusing.isDestroyed, true);
  assert.deepEqual(test.told.slice(-2), ['SyncConnected', 'Disconnected']);
  assert.match(test.session.lastProblem, /b:2181 was lost \(the server refuses .* watches with QUOTAEXCEEDED\)$/);
  assert.equal(request.end, 'CONNECTIONLOSS, unknown');
  test.waitForDial();
  const { op, body } = test.accept().behind[0]!;
  assert.equal(op, 'setWatches');
  const { relativeZxid, dataWatches } = body as SetWatches2;
  assert.deepEqual([relativeZxid, dataWatches], [5, ['/a']], 'the zxid from before the refusal');
});

test('one refused batch is enough, even if a later one is accepted', () => {
  const test = new TestSession().connected();
  const long = 'x'.repeat(100_000);
  for (const path of [`/${long}1`, `/${long}2`]) test.answer(test.get(path, 'w'), 5, { data: null, stat });
  test.reconnect();
  test.link.receive(Buffer.concat([refusal, reply(Xid.setWatches, 9, 0)]));
  assert.equal(test.told.at(-1), 'Disconnected');
  test.waitForDial();
  assert.equal(test.accept().behind.length, 2);
});

test('while all servers refuse the watches, the delay between attempts grows', () => {
  const test = broughtWatches();
  const delays = Array.from({ length: 12 }, () => {
    test.link.receive(refusal);
    const lostMs = test.ports.scheduler.nowMs;
    test.waitForDial();
    test.accept();
    return test.ports.scheduler.nowMs - lostMs;
  });
  assert.ok(delays.at(-1)! > 4 * delays[0]!, String(delays));
  test.link.receive(reply(Xid.setWatches, 9, 0));
  assert.ok(reconnectDelayMs(test) <= delays[0]!, 'a server that accepts them resets the delay');
});

function reconnectDelayMs(test: TestSession): number {
  const lostMs = test.ports.scheduler.nowMs;
  test.link.close('lost');
  test.waitForDial();
  return test.ports.scheduler.nowMs - lostMs;
}

test('a closing session sends closeSession to a server that refuses the watches', () => {
  const test = broughtWatches();
  test.session.close(() => test.told.push('done'));
  test.link.receive(refusal);
  const [close] = test.sent();
  assert.equal(close?.op, 'closeSession');
  assert.equal(test.link.isDestroyed, false);
  test.link.receive(reply(close.xid, 9, 0));
  assert.deepEqual(test.told.slice(-2), ['Closed', 'done']);
});
