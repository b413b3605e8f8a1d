import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateFlag, ErrorCode, type MultiOp, type MultiResult, OpCode, Perm } from '@nodekeeper/protocol';
import { loadDatabase } from '../../src/database/load-database.js';
import { below, forSeeds, pick } from '../../src/testing/random.js';
import { createRequest, openAcl, type TestClient } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';
import { assertConsistent, TreeModel, treeText } from './tree-model.js';

const names = ['a', 'b', 'c', 'dd', 'ünï'];
const acls = [openAcl, [{ perms: Perm.ALL, id: { scheme: 'ip', id: '127.0.0.0/8' } }, ...openAcl]];

type Change =
  | { kind: 'create'; path: string; data: string | null; ephemeral: boolean; sequential: boolean; acl: number }
  | { kind: 'delete'; path: string; version: number }
  | { kind: 'set'; path: string; data: string | null; version: number }
  | { kind: 'check'; path: string; version: number };
type Write = Change | { kind: 'setAcl'; path: string; version: number; acl: number } | { kind: 'multi'; ops: Change[] };

function anyPath(random: () => number, among = names): string {
  let path = '';
  for (let depth = 1 + below(random, 3); depth > 0; depth--) path += `/${pick(random, among)}`;
  return path;
}

const anyVersion = (random: () => number) => (random() < 0.6 ? -1 : below(random, 3));
const anyData = (random: () => number) => (random() < 0.1 ? null : 'x'.repeat(below(random, 40) ** 2));

function anyChange(random: () => number, mayCheck: boolean, among = names): Change {
  const path = anyPath(random, among);
  const kind = below(random, mayCheck ? 11 : 10);
  if (kind < 5) {
    const ephemeral = random() < 0.2;
    const sequential = random() < 0.15;
    return { kind: 'create', path, data: anyData(random), ephemeral, sequential, acl: below(random, 2) };
  }
  if (kind < 8) return { kind: 'delete', path, version: anyVersion(random) };
  if (kind < 10) return { kind: 'set', path, data: anyData(random), version: anyVersion(random) };
  return { kind: 'check', path, version: anyVersion(random) };
}

function anyWrite(random: () => number, among = names): Write {
  const kind = random();
  if (kind < 0.08)
    return { kind: 'setAcl', path: anyPath(random, among), version: anyVersion(random), acl: below(random, 2) };
  if (kind > 0.2) return anyChange(random, false, among);
  return { kind: 'multi', ops: Array.from({ length: below(random, 6) }, () => anyChange(random, true, among)) };
}

function toMultiOp(change: Change): MultiOp {
  const version = 'version' in change ? change.version : -1;
  const { path } = change;
  switch (change.kind) {
    case 'create':
      return { type: OpCode.create2, request: requestOf(change) };
    case 'delete':
      return { type: OpCode.delete, request: { path, version } };
    case 'set':
      return { type: OpCode.setData, request: { path, version, data: bytesOf(change.data) } };
    case 'check':
      return { type: OpCode.check, request: { path, version } };
  }
}

const bytesOf = (data: string | null) => (data === null ? null : Buffer.from(data));

function requestOf(change: Change & { kind: 'create' }) {
  const flags =
    (change.ephemeral ? CreateFlag.EPHEMERAL : 0) + (change.sequential ? CreateFlag.PERSISTENT_SEQUENTIAL : 0);
  return createRequest(change.path, change.data, { flags, acl: acls[change.acl]! });
}

function send(client: TestClient, write: Write): number {
  if (write.kind === 'multi') return client.send('multi', write.ops.map(toMultiOp));
  if (write.kind === 'setAcl') {
    return client.send('setACL', { path: write.path, acl: acls[write.acl], version: write.version });
  }
  if (write.kind === 'create') return client.send('create2', requestOf(write));
  if (write.kind !== 'set') return client.send('delete', { path: write.path, version: write.version });
  return client.send('setData', { path: write.path, version: write.version, data: bytesOf(write.data) });
}

function applyChange(model: TreeModel, change: Change, session: bigint): string | number {
  switch (change.kind) {
    case 'create':
      return model.create(change.path, change.data, change.ephemeral ? session : 0n, change.sequential);
    case 'delete':
      return model.delete(change.path, change.version);
    case 'set':
      return model.set(change.path, change.data, change.version);
    case 'check':
      return model.check(change.path, change.version);
  }
}

/** Applies a write to the model. Returns an error code, the path of a created node, or the codes of a multi's parts. */
function applyWrite(model: TreeModel, write: Write, session: bigint): string | number | (string | number)[] {
  model.zxid++;
  if (write.kind === 'setAcl') return model.setAcl(write.path, write.version);
  if (write.kind !== 'multi') return applyChange(model, write, session);
  const trial = model.copy();
  const results = write.ops.map((op) => applyChange(trial, op, session));
  const failedAt = results.findIndex((result) => typeof result === 'number' && result !== 0);
  if (failedAt < 0) {
    model.nodes = trial.nodes;
    return results;
  }
  return results.map((result, index) => {
    if (index === failedAt) return result;
    return index < failedAt ? 0 : ErrorCode.RUNTIMEINCONSISTENCY;
  });
}

function answerOf(write: Write, reply: { err: number; body: unknown }): unknown {
  if (write.kind === 'create') return reply.err === 0 ? (reply.body as { path: string }).path : reply.err;
  if (write.kind !== 'multi') return reply.err;
  return (reply.body as MultiResult[]).map((result) => {
    if (result.type === OpCode.error) return result.response.err;
    return result.type === OpCode.create2 ? result.response.path : 0;
  });
}

function assertSame(client: TestClient, model: TreeModel): void {
  for (const path of [...model.nodes.keys()]) {
    const { children, stat } = client.call('getChildren2', { path, watch: false }).body;
    if (path === '/zookeeper') continue;
    assert.deepEqual([...children].sort(), model.children(path).sort(), path);
    const { ctime: _c, mtime: _m, ...rest } = stat;
    assert.deepEqual(rest, model.stat(path), path);
    assert.equal(client.get(path).body.data?.toString() ?? null, model.nodes.get(path)!.data, path);
  }
}

test('random writes give the results, Stats and children of a naive model, pipelined or not, across restarts', () => {
  forSeeds(8, (random) => {
    const server = new TestServer({ snapCount: 60, tickTimeMs: 1000, minSessionTimeoutMs: 2000 });
    let clients = [server.connect({ timeoutMs: 60_000 }), server.connect({ timeoutMs: 60_000 })];
    const model = new TreeModel(server.database.tree.lastZxid);
    for (let round = 0; round < 40; round++) {
      const sent: { client: TestClient; write: Write; xid: number }[] = [];
      // Only one client sends in each round, because the server may handle the requests of two connections in any
      // order.
      const client = pick(random, clients);
      server.diskIsSlow = random() < 0.5;
      for (let count = 1 + below(random, 12); count > 0; count--) {
        const write = anyWrite(random);
        sent.push({ client, write, xid: send(client, write) });
      }
      server.settle();
      server.diskIsSlow = false;
      server.settle();
      const replies = client.replies();
      for (const [index, { write, xid }] of sent.entries()) {
        const expected = applyWrite(model, write, client.sessionId);
        assert.equal(replies[index]!.xid, xid);
        assert.deepEqual(answerOf(write, replies[index]!), expected, JSON.stringify(write));
      }
      assertConsistent(server.database.tree);
      assert.equal(server.database.changes.size, 0, 'no change is outstanding');
      assert.ok(
        server.database.changes.digest.equals(server.database.tree.digest.high, server.database.tree.digest.low),
      );
      if (round % 13 === 12) {
        clients[0]!.close();
        model.zxid++;
        model.closeSession(clients[0]!.sessionId);
        assertSame(clients[1]!, model);
        const before = treeText(server.database.tree);
        if (random() < 0.5) server.restart();
        else server.crash(random);
        assert.deepEqual(treeText(server.database.tree), before);
        assertConsistent(server.database.tree);
        const { sessionId, passwd } = clients[1]!.response!;
        clients = [server.connect({ timeoutMs: 60_000 }), server.connect({ sessionId, passwd, timeoutMs: 60_000 })];
        model.zxid++;
      }
    }
    assertSame(clients[1]!, model);
    assert.deepEqual(server.warnings, []);
  });
});

test('S-4 ZK-3249: a snapshot written in slices during writes, with the log from its label, gives the same tree', () => {
  forSeeds(8, (random) => {
    const server = new TestServer({ snapCount: 1_000_000 });
    const client = server.connect({ timeoutMs: 60_000 });
    // A snapshot visits the children of the root from the youngest to the oldest. So it writes several slices of filler
    // nodes before each of the subtrees /b and /a.
    const few = ['a', 'b'];
    for (const name of few) {
      client.create(`/${name}`);
      for (let index = 0; index < 3; index++) client.create(`/filler-${name}${index}`, 'f'.repeat(200_000));
    }
    const write = () => {
      const owner = random() < 0.05 ? server.connect({ timeoutMs: 60_000 }) : client;
      for (let count = 0; count < 5; count++) send(owner, anyWrite(random, few));
      server.settle();
      if (owner !== client) owner.close();
    };
    for (let count = 0; count < 10; count++) write();
    let taken = false;
    server.diskIsSlow = true;
    server.database.snapshots.take((error) => {
      assert.equal(error, undefined);
      taken = true;
    });
    for (let slices = 0; !taken; slices++) {
      assert.ok(slices < 500, 'the snapshot ends');
      for (let count = 0; count < 20; count++) send(client, anyWrite(random, few));
      server.settle();
      server.disk.runPending(1 + below(random, 3));
    }
    server.diskIsSlow = false;
    server.settle();
    for (let count = below(random, 5); count > 0; count--) write();

    const labels = server.disk.list('/data/version-2').filter((name) => name.startsWith('snapshot.'));
    assert.equal(labels.length, 2);
    const logged: string[] = [];
    const line = (message: string) => void logged.push(message);
    const logger = { debug() {}, info() {}, warn: line, error: line };
    const loaded = loadDatabase(server.disk, server.config, [1, 2], logger, server.scheduler);
    assert.deepEqual(logged, []);
    assert.deepEqual(treeText(loaded.tree), treeText(server.database.tree));
    assertConsistent(loaded.tree);
    assert.deepEqual(
      [...loaded.sessions.keys()].sort(),
      [...server.database.sessions.values()].map(({ id }) => id).sort(),
    );
  });
});

test('S-4: replay gives the same tree if the snapshot holds a node that was deleted and created again, with children', () => {
  const server = new TestServer({ snapCount: 1_000_000 });
  const client = server.connect();
  client.create('/p');
  for (let index = 0; index < 6; index++) client.create(`/filler${index}`, 'f'.repeat(200_000));
  server.diskIsSlow = true;
  server.database.snapshots.take(() => {});
  client.send('create', createRequest('/p/a', 'first'));
  client.send('delete', { path: '/p/a', version: -1 });
  client.send('create', createRequest('/p/a', 'second'));
  client.send('create', createRequest('/p/a/b'));
  client.send('create', createRequest('/p/a/b/e', '', { flags: CreateFlag.EPHEMERAL }));
  server.finishSlowDisk();
  const before = treeText(server.database.tree);
  server.restart();
  assert.deepEqual(treeText(server.database.tree), before);
  assertConsistent(server.database.tree);
  assert.deepEqual(server.warnings, []);
});
