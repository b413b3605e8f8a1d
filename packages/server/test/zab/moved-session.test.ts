import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpCode } from '@nodekeeper/protocol';
import { createRequest, type TestClient } from '../support/test-client.js';
import { TestEnsemble, type TestMember } from '../support/test-ensemble.js';

/** Two clients with the same session. The older client is still connected to the server that the session has left. */
interface Handles {
  readonly ensemble: TestEnsemble;
  readonly older: TestClient;
  readonly newer: TestClient;
}

const roles = {
  leader: ({ view }: TestMember) => view.mode === 'leader',
  follower: ({ view }: TestMember) => view.mode === 'follower',
  observer: ({ view }: TestMember) => view.mode === 'observer',
};

/** Moves a session from a server with the role `from` to another server with the role `to`. */
function moved(from: keyof typeof roles, to: keyof typeof roles): Handles {
  const ensemble = new TestEnsemble(5, { observers: [4, 5] });
  ensemble.start();
  ensemble.untilServing();
  const first = ensemble.members.find(roles[from])!;
  const second = ensemble.members.findLast((member) => member !== first && roles[to](member))!;
  const older = ensemble.connect(first.id, { timeoutMs: 4000 });
  for (const path of ['/a', '/b']) assert.equal(older.create(path, 'old').err, 0);
  const { sessionId, passwd } = older.response!;
  const newer = ensemble.connect(second.id, { sessionId, passwd, timeoutMs: 4000 });
  assert.equal(newer.sessionId, sessionId);
  return { ensemble, older, newer };
}

const ways = [
  ['follower', 'leader'],
  ['follower', 'follower'],
  ['observer', 'leader'],
  ['observer', 'follower'],
  ['observer', 'observer'],
  ['follower', 'observer'],
  ['leader', 'follower'],
] as const;

const writes = [
  ['create', createRequest('/of-the-older')],
  ['setData', { path: '/b', data: Buffer.from('of the older'), version: -1 }],
  ['delete', { path: '/b', version: -1 }],
  ['multi', [{ type: OpCode.setData, request: { path: '/b', data: Buffer.from('of the older'), version: -1 } }]],
] as const;

const others = [
  ['a create', 'create', createRequest('/of-the-newer')],
  ['a change of the same kind', 'setData', { path: '/a', data: Buffer.from('of the newer'), version: -1 }],
  ['a write that is refused', 'delete', { path: '/not-there', version: -1 }],
] as const;

for (const [from, to] of ways) {
  for (const [what, otherOp, other] of others) {
    test(`1.9.9 a write on the old connection, ${from} to ${to}, never gets the reply of ${what} on the new one`, () => {
      for (const [op, request] of writes) {
        const { ensemble, older, newer } = moved(from, to);
        newer.send(otherOp, other, 50);
        older.send(op, request, 50);
        ensemble.advance(100);
        assert.deepEqual([...older.replies(), older.isClosed], [true], op);
        assert.equal(newer.replies().length, 1, op);
        assert.equal(newer.text('/b'), 'old', op);
        assert.equal(newer.exists('/of-the-older').err, -101, op);
      }
    });
  }
}

for (const [from, to] of ways) {
  test(`1.9.9 a client that moves from ${from} to ${to} with writes in flight keeps its new connection`, () => {
    const { ensemble, older, newer } = moved(from, to);
    const { sessionId, passwd } = newer.response!;
    for (let index = 0; index < 20; index++) newer.send('create', createRequest(`/n${index}`), 50 + index);
    const back = ensemble.members.find((member) => roles[from](member))!;
    const third = ensemble.connect(back.id, { sessionId, passwd, timeoutMs: 4000 });
    for (let index = 0; index < 20; index++) third.send('create', createRequest(`/m${index}`), 50 + index);
    ensemble.advance(100);
    assert.deepEqual([older.isClosed, newer.isClosed, third.isClosed], [true, true, false]);
    assert.deepEqual(
      third.replies().map(({ xid, body }) => [xid, body.path]),
      Array.from({ length: 20 }, (_, index) => [50 + index, `/m${index}`]),
    );
  });
}

test('1.9.9 a follower closes the connection of a session as soon as it learns that another server owns it', () => {
  const { ensemble, older, newer } = moved('follower', 'leader');
  assert.equal(older.text('/a'), 'old', 'the follower cannot know yet');
  assert.equal(newer.set('/a', 'new').err, 0);
  ensemble.settle();
  assert.equal(older.isClosed, true);
});

test('1.9.9 a leader closes the connection of a session that moves to another server, and answers nothing on it', () => {
  for (const to of ['follower', 'observer'] as const) {
    const { ensemble, older, newer } = moved('leader', to);
    older.send('getData', { path: '/a', watch: false });
    older.send('sync', { path: '/' });
    ensemble.advance(100);
    assert.deepEqual([older.replies(), older.isClosed], [[], true]);
    assert.equal(newer.text('/a'), 'old');
  }
});
