import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestRequest, TestSession } from '../support/test-session.js';

/** Makes `count` set requests of 1 KiB each within one turn of the event loop. Returns the writes so far. */
function burst(test: TestSession, count: number): Buffer[] {
  test.link.take();
  for (let index = 0; index < count; index++) {
    test.session.submit(new TestRequest('setData', { path: '/a', data: Buffer.alloc(1024), version: -1 }));
  }
  return test.link.writes;
}

test('the requests of a turn are sent with one write', () => {
  const test = new TestSession().connected();
  assert.equal(burst(test, 10).length, 0);
  test.ports.scheduler.runTurns();
  assert.equal(test.link.writes.length, 1);
  assert.equal(test.sent().length, 10);
});

test('many requests of one turn are sent before its end, as long as the link accepts them', () => {
  const test = new TestSession().connected();
  assert.deepEqual(
    burst(test, 200).map((bytes) => bytes.length >>> 16),
    [1, 1, 1],
  );
  test.ports.scheduler.runTurns();
  assert.equal(test.sent().length, 200);
});

test('requests are gathered while the link still has bytes to send', () => {
  const test = new TestSession().connected();
  test.link.isFree = false;
  assert.equal(burst(test, 1000).length, 1);
  test.ports.scheduler.runTurns();
  assert.equal(test.link.writes.length, 2);
  assert.equal(test.sent().length, 1000);
});

test('requests that were sent early in a turn have an unknown outcome if the connection is lost in that turn', () => {
  const test = new TestSession().connected();
  const requests = Array.from({ length: 100 }, () => {
    const request = new TestRequest('setData', { path: '/a', data: Buffer.alloc(1024), version: -1 });
    test.session.submit(request);
    return request;
  });
  test.link.close();
  assert.equal(requests[0]!.end, 'CONNECTIONLOSS, unknown');
  assert.equal(requests[99]!.end, 'CONNECTIONLOSS, not-sent');
});
