import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode, EventType } from '@nodekeeper/protocol';
import fc from 'fast-check';
import { type WatchKind, WatchRegistry, watchKinds } from '../../src/core/watch-registry.js';
import { stat, TestSession } from '../support/test-session.js';

const { nodeCreated, nodeDeleted, nodeDataChanged, nodeChildrenChanged } = EventType;

/** Returns a registry with one watcher of each kind at a path. Each watcher is named after its kind. */
function everyKindAt(path: string): WatchRegistry<string> {
  const registry = new WatchRegistry<string>();
  for (const kind of watchKinds) registry.add(kind, path, kind);
  return registry;
}

const told: [event: string, type: number, kinds: WatchKind[], gone: WatchKind[]][] = [
  ['NodeCreated', nodeCreated, ['data', 'exists', 'persistent', 'recursive'], ['data', 'exists']],
  ['NodeDataChanged', nodeDataChanged, ['data', 'exists', 'persistent', 'recursive'], ['data', 'exists']],
  [
    'NodeDeleted',
    nodeDeleted,
    ['data', 'exists', 'children', 'persistent', 'recursive'],
    ['data', 'exists', 'children'],
  ],
  ['NodeChildrenChanged', nodeChildrenChanged, ['children', 'persistent'], ['children']],
];

for (const [event, type, kinds, gone] of told) {
  test(`${event} triggers ${kinds.join(', ')}, and removes ${gone.join(', ')} (7.5.2)`, () => {
    const registry = everyKindAt('/a');
    assert.deepEqual([...registry.take(type, '/a')].sort(), [...kinds].sort());
    const left = watchKinds.filter((kind) => registry.watchers(kind, '/a') !== undefined);
    assert.deepEqual(
      left,
      watchKinds.filter((kind) => !gone.includes(kind)),
    );
  });
}

test('an event triggers the watches of its path, and recursive watches of every ancestor', () => {
  const registry = new WatchRegistry<string>();
  for (const path of ['/', '/a', '/a/b', '/a/b/c', '/a/bb', '/ab']) {
    for (const kind of watchKinds) registry.add(kind, path, `${kind} ${path}`);
  }
  assert.deepEqual([...registry.take(nodeDataChanged, '/a/b')].sort(), [
    'data /a/b',
    'exists /a/b',
    'persistent /a/b',
    'recursive /',
    'recursive /a',
    'recursive /a/b',
  ]);
  assert.deepEqual([...registry.take(nodeChildrenChanged, '/a/b')], ['children /a/b', 'persistent /a/b']);
  assert.deepEqual([...registry.take(nodeDataChanged, '/')], ['data /', 'exists /', 'persistent /', 'recursive /']);
});

test('C-2 ZOOKEEPER-4466: watches of different kinds on one path are independent', () => {
  for (const kind of watchKinds) {
    const registry = everyKindAt('/a');
    assert.deepEqual(registry.remove(kind, '/a'), [kind]);
    for (const other of watchKinds) assert.equal(registry.watchers(other, '/a') === undefined, other === kind);
  }
});

test('a watcher is called once per event, with any number and kind of watches (7.5.3)', () => {
  const registry = new WatchRegistry<string>();
  for (const kind of watchKinds) for (const path of ['/', '/a']) registry.add(kind, path, 'one');
  registry.add('data', '/a', 'one');
  assert.deepEqual([...registry.take(nodeDeleted, '/a')], ['one']);
});

test('one watcher is removed without the others, and only once', () => {
  const registry = new WatchRegistry<string>();
  registry.add('data', '/a', 'one');
  registry.add('data', '/a', 'two');
  assert.deepEqual(registry.remove('data', '/a', 'one'), ['one']);
  assert.deepEqual(registry.remove('data', '/a', 'one'), []);
  assert.deepEqual(registry.remove('data', '/a', 'two'), ['two']);
  assert.deepEqual(registry.remove('data', '/a'), []);
  assert.equal(registry.counts().data, 0, 'a path without watchers is not counted');
});

test('recursive watches get the events that a plain search over all of them finds', () => {
  const name = fc.constantFrom('a', 'b', 'ab');
  const path = fc.array(name, { maxLength: 4 }).map((names) => `/${names.join('/')}`);
  fc.assert(
    fc.property(fc.array(path), path, (watched, changed) => {
      const registry = new WatchRegistry<string>();
      for (const each of watched) registry.add('recursive', each, each);
      const expected = watched.filter((each) => `${changed}/`.startsWith(each === '/' ? '/' : `${each}/`));
      assert.deepEqual([...registry.take(nodeDataChanged, changed)].sort(), [...new Set(expected)].sort());
    }),
  );
});

// ---- the watch that each reply sets (7.5.1)

const left: [
  op: 'getData' | 'exists' | 'getChildren2' | 'addWatch',
  asked: WatchKind,
  err: number,
  kind?: WatchKind,
][] = [
  ['getData', 'data', 0, 'data'],
  ['getData', 'data', ErrorCode.NONODE],
  ['getData', 'data', ErrorCode.NOAUTH],
  ['exists', 'exists', 0, 'data'],
  ['exists', 'exists', ErrorCode.NONODE, 'exists'],
  ['exists', 'exists', ErrorCode.NOAUTH],
  ['getChildren2', 'children', 0, 'children'],
  ['getChildren2', 'children', ErrorCode.NONODE],
  ['addWatch', 'persistent', 0, 'persistent'],
  ['addWatch', 'recursive', 0, 'recursive'],
  ['addWatch', 'recursive', ErrorCode.MARSHALLINGERROR],
];

for (const [op, asked, err, kind] of left) {
  test(`${op} (${asked}) answered with ${err} sets ${kind ?? 'no watch'}`, () => {
    const test = new TestSession().connected();
    const body = op === 'addWatch' ? { path: '/a', mode: 0 } : { path: '/a', watch: true };
    const request = test.request(op, body, { kind: asked, watcher: 'w' });
    assert.deepEqual(Object.values(test.session.watches.counts()), [0, 0, 0, 0, 0], 'no watch before the reply');
    test.answer(request, 1, { data: null, stat, children: [], err: 0 }, err);
    const { watches } = test.session;
    assert.deepEqual(
      watchKinds.filter((each) => watches.watchers(each, '/a') !== undefined),
      kind === undefined ? [] : [kind],
    );
  });
}

test('a one-shot watch gets one event, and another one only after it is set again', () => {
  const test = new TestSession().connected();
  test.answer(test.get('/a', 'w'), 5, { data: null, stat });
  for (let zxid = 6; zxid < 9; zxid++) test.event(nodeDataChanged, '/a', zxid);
  test.answer(test.get('/a', 'w'), 9, { data: null, stat });
  test.event(nodeDeleted, '/a', 10);
  assert.deepEqual(test.told, ['SyncConnected', 'w: 3 /a 6', 'w: 2 /a 10']);
});

test('an event that arrives before the reply of a read is delivered before it', () => {
  const test = new TestSession().connected();
  test.answer(test.get('/a', 'w'), 5, { data: null, stat });
  const order: string[] = [];
  const second = test.get('/a');
  test.told.push = (...words) => order.push(...words);
  test.event(nodeDataChanged, '/a', 6);
  test.answer(second, 6, { data: null, stat });
  order.push(second.end);
  assert.deepEqual(order, ['w: 3 /a 6', 'ok']);
});
