import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ErrorCode, RingQueue } from '@nodekeeper/protocol';
import { operations } from '../../src/core/operation.js';
import { Outbox } from '../../src/core/outbox.js';
import { ParkedRequests } from '../../src/core/parked-requests.js';
import { framesOf, reply, stat, TestRequest, TestSession } from '../support/test-session.js';

const found = { data: Buffer.from('x'), stat };

test('requests of one turn are sent with one write', () => {
  const test = new TestSession().connected();
  for (let count = 0; count < 5; count++) test.session.submit(new TestRequest('getData', { path: '/a', watch: false }));
  assert.equal(test.link.writes.length, 0);
  test.ports.scheduler.runTurns();
  assert.equal(test.link.writes.length, 1);
  assert.equal(test.sent().length, 5);
});

test('replies are given to requests in order', () => {
  const test = new TestSession().connected();
  const requests = ['/a', '/b', '/c'].map((path) => test.get(path));
  const replies = [
    reply(requests[0]!.xid, 1, 0, 'getData', { data: Buffer.from('1'), stat }),
    reply(requests[1]!.xid, 1, ErrorCode.NONODE),
    reply(requests[2]!.xid, 1, 0, 'getData', { data: Buffer.from('3'), stat }),
  ];
  test.link.receive(Buffer.concat(replies));
  assert.deepEqual(
    requests.map((request) => request.failure?.code ?? request.data),
    ['1', 'NONODE', '3'],
  );
});

test('xids count up to 2147483647 and then restart at 1', () => {
  const test = new TestSession({ lastXid: 0x7fffffff - 2 }).connected();
  const requests = Array.from({ length: 4 }, () => test.get('/a'));
  assert.deepEqual(
    test.sent().map(({ xid }) => xid),
    [0x7fffffff - 1, 0x7fffffff, 1, 2],
  );
  for (const request of requests) test.answer(request, 1, found);
  assert.deepEqual(
    requests.map(({ end }) => end),
    ['ok', 'ok', 'ok', 'ok'],
  );
});

test('earlier requests fail with the connection, and those that were never sent fail as not-sent', () => {
  const test = new TestSession().connected();
  const sent = test.get('/a');
  const unsent = new TestRequest('getData', { path: '/b', watch: false });
  test.session.submit(unsent);
  test.session.updateServers([{ host: 'z', port: 1 }]);
  assert.equal(sent.end, 'CONNECTIONLOSS, unknown');
  assert.equal(unsent.end, 'CONNECTIONLOSS, not-sent');
  assert.deepEqual(test.sentOps(), ['getData'], 'only the first was sent');
});

test('requests without a connection wait for the next one and are sent in order', () => {
  const test = new TestSession();
  const requests = ['/a', '/b', '/c'].map((path) => test.get(path));
  assert.equal(test.session.parkedCount, 3);
  test.connected();
  assert.deepEqual(
    test.sent().map(({ xid, body }) => `${xid} ${(body as { path: string }).path}`),
    ['1 /a', '2 /b', '3 /c'],
  );
  for (const request of requests) test.answer(request, 1, found);
  assert.equal(test.session.pendingCount, 0);
});

test('a request made in the callback of a lost request waits for the next connection', () => {
  const test = new TestSession().connected();
  let later: TestRequest | undefined;
  const first = new TestRequest('getData', { path: '/a', watch: false }, undefined, () => {
    later = test.get('/again');
  });
  test.session.submit(first);
  const second = test.get('/b');
  test.link.close();
  assert.equal(later!.end, 'waits');
  assert.equal(second.end, 'CONNECTIONLOSS, unknown');
  test.waitForDial();
  test.accept();
  assert.deepEqual(test.sentOps(), ['getData']);
});

test('waiting requests survive failed attempts to connect', () => {
  const test = new TestSession();
  const request = test.get('/a');
  test.session.start();
  for (let count = 0; count < 5; count++) {
    test.link.close('refused');
    test.waitForDial();
  }
  assert.equal(request.end, 'waits');
});

test('the caller may change its buffers after the call, with or without a connection', () => {
  const data = Buffer.from('good');
  const body = { path: '/a', data, version: -1 };
  const waiting = new TestSession();
  waiting.request('setData', body);
  const connected = new TestSession().connected();
  connected.session.submit(new TestRequest('setData', body));
  data.fill('!');
  waiting.connected();
  connected.ports.scheduler.runTurns();
  for (const test of [waiting, connected]) {
    assert.equal(String((test.sent()[0]!.body as { data: Buffer }).data), 'good');
  }
});

test('bytes that a socket cannot accept at once are not overwritten by later ones', () => {
  const test = new TestSession().connected();
  test.link.isFree = false;
  for (const path of ['/first', '/second', '/third']) test.get(path);
  assert.deepEqual(
    test.sent().map(({ body }) => (body as { path: string }).path),
    ['/first', '/second', '/third'],
  );
});

test('a request that is aborted before it was sent is not-sent, a later abort leaves it unknown', () => {
  const test = new TestSession();
  const waiting = test.get('/a');
  waiting.giveUp('ABORTED', 'enough');
  test.connected();
  assert.deepEqual(test.sentOps(), []);
  const sent = test.get('/b');
  sent.giveUp('REQUESTTIMEOUT', 'enough');
  assert.deepEqual([waiting.end, sent.end], ['ABORTED, not-sent', 'REQUESTTIMEOUT, unknown']);
});

test('the reply to an aborted request is ignored, and the next request gets its own reply', () => {
  const test = new TestSession().connected();
  const first = test.get('/a');
  const second = test.get('/b');
  first.giveUp('ABORTED', 'enough');
  test.answer(first, 1, { data: Buffer.from('1'), stat });
  assert.equal(second.end, 'waits');
  test.answer(second, 1, { data: Buffer.from('2'), stat });
  assert.equal(second.data, '2');
  assert.deepEqual([first.end, first.ends, second.ends], ['ABORTED, unknown', 1, 1]);
});

test('a reply sets the watch of an aborted request, because the server has the watch', () => {
  const test = new TestSession().connected();
  const read = test.get('/a', 'w');
  read.giveUp('ABORTED', 'enough');
  test.answer(read, 1, found);
  assert.deepEqual([...test.session.watches.paths('data')], ['/a']);
});

test('a request over the limit fails before it is sent, with its size and the limit', () => {
  const test = new TestSession({ requestBytesMax: 1000 }).connected();
  const data = Buffer.alloc(2000);
  const connected = test.request('setData', { path: '/a', data, version: -1 });
  test.link.close();
  const waiting = test.request('setData', { path: '/a', data, version: -1 });
  for (const request of [connected, waiting]) {
    assert.equal(request.end, 'BADARGUMENTS, not-sent');
    assert.match(request.failure!.detail!, /2022 bytes, the limit is 1000/);
  }
  test.waitForDial();
  test.accept();
  assert.deepEqual(test.sentOps(), []);
});

test('a request over the limit does not damage the requests around it', () => {
  const outbox = new Outbox(100);
  const read = { path: '/a', watch: false };
  assert.equal(outbox.add(1, operations.getData, read), undefined);
  assert.equal(outbox.add(2, operations.setData, { path: '/a', data: Buffer.alloc(200), version: 0 }), 222);
  assert.throws(() => outbox.add(3, operations.getData, undefined));
  assert.equal(outbox.add(4, operations.getData, read), undefined);
  const frames = framesOf(outbox.take());
  assert.deepEqual(
    frames.map((frame) => frame.readInt32BE(0)),
    [1, 4],
  );
  assert.equal(outbox.frames, 2);
  assert(outbox.isEmpty);
});

test('an outbox releases the buffer of a huge request', () => {
  const outbox = new Outbox(64 * 1024 * 1024);
  let kept: Buffer | undefined;
  const link = { write: (bytes: Buffer) => (kept = bytes) !== undefined, destroy: () => {} };
  outbox.add(1, operations.setData, { path: '/a', data: Buffer.alloc(8 * 1024 * 1024), version: 0 });
  outbox.flush(link);
  outbox.add(2, operations.sync, { path: '/a' });
  outbox.flush(link);
  assert(kept!.buffer.byteLength < 1024 * 1024);
});

test('aborted requests in the queue are not sent and do not fail again', () => {
  const parked = new ParkedRequests<string>(1000);
  const requestOf = (path: string) => new TestRequest('getData', { path, watch: false });
  const [first, second, third] = [requestOf('/a'), requestOf('/b'), requestOf('/c')];
  for (const request of [first, second, third]) parked.add(request);
  second.giveUp('ABORTED', 'enough');
  assert.deepEqual([...parked.drain()], [first, third]);
  assert.equal(parked.length, 0);
});

test('with a hundred thousand requests without a reply, each reply reads only the first', (context) => {
  const test = new TestSession().connected();
  const count = 100_000;
  const requests = Array.from({ length: count }, () => new TestRequest('sync', { path: '/a' }));
  for (const request of requests) test.session.submit(request);
  test.ports.scheduler.runTurns();
  assert(test.link.writes.length < 100, `${test.link.writes.length} writes`);
  assert.equal(test.session.pendingCount, count);
  const looks = countLooks(context);
  test.link.receive(Buffer.concat(requests.map((_, index) => reply(index + 1, 1, 0, 'sync', { path: '/a' }))));
  assert.equal(test.session.pendingCount, 0);
  assert(requests.every(({ end }) => end === 'ok'));
  assert(looks() <= count * 2, `${looks()} reads of queues for ${count} replies`);
});

/** Counts how often any queue reads an item, until the end of the test. The returned function returns the count. */
function countLooks(context: TestContext): () => number {
  const { peek, shift, [Symbol.iterator]: iterate } = RingQueue.prototype;
  let looks = 0;
  RingQueue.prototype.peek = function (this: RingQueue<unknown>) {
    looks++;
    return peek.call(this);
  };
  RingQueue.prototype.shift = function (this: RingQueue<unknown>) {
    looks++;
    return shift.call(this);
  };
  RingQueue.prototype[Symbol.iterator] = function* (this: RingQueue<unknown>) {
    for (const item of { [Symbol.iterator]: () => iterate.call(this) }) {
      looks++;
      yield item;
    }
  };
  context.after(() => Object.assign(RingQueue.prototype, { peek, shift, [Symbol.iterator]: iterate }));
  return () => looks;
}

test('a hundred thousand waiting requests are sent with few writes, and fail together', () => {
  const test = new TestSession();
  const requests = Array.from({ length: 100_000 }, () => test.get('/a'));
  test.connected();
  assert(test.link.writes.length < 100, `${test.link.writes.length} writes`);
  test.link.close();
  assert(requests.every(({ end }) => end === 'CONNECTIONLOSS, unknown'));
});

test('requests that are aborted without a connection are removed, and the others keep their order', () => {
  const test = new TestSession();
  test.session.start();
  const kept: string[] = [];
  for (let number = 0; number < 20_000; number++) {
    const path = `/${number}`;
    const request = new TestRequest('getData', { path, watch: false });
    test.session.submit(request);
    if (number % 1000 === 0) kept.push(path);
    else request.giveUp('REQUESTTIMEOUT', 'no reply');
  }
  assert.ok(test.session.parkedCount <= 1024, `${test.session.parkedCount} are kept`);
  const { behind } = test.accept();
  assert.deepEqual(behind, []);
  test.ports.scheduler.runTurns();
  assert.deepEqual(
    test.sent().map(({ body }) => (body as { path: string }).path),
    kept,
  );
});
