import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestRequest, TestSession } from '../support/test-session.js';

/** Makes sets of 1 KiB and lets no turn end; gives the writes that there are by then. */
function burst(test: TestSession, count: number): Buffer[] {
  test.link.take();
  for (let index = 0; index < count; index++) {
    test.session.submit(new TestRequest('setData', { path: '/a', data: Buffer.alloc(1024), version: -1 }));
  }
  return test.link.writes;
}

test('the requests of a turn leave with one write', () => {
  const test = new TestSession().connected();
  assert.equal(burst(test, 10).length, 0);
  test.ports.scheduler.runTurns();
  assert.equal(test.link.writes.length, 1);
  assert.equal(test.sent().length, 10);
});

test('a turn that brings a lot does not keep it all to its end, as long as the link takes it', () => {
  const test = new TestSession().connected();
  assert.deepEqual(
    burst(test, 200).map((bytes) => bytes.length >>> 16),
    [1, 1, 1],
  );
  test.ports.scheduler.runTurns();
  assert.equal(test.sent().length, 200);
});

test('what a link that is not free would only keep is gathered instead', () => {
  const test = new TestSession().connected();
  test.link.isFree = false;
  assert.equal(burst(test, 1000).length, 1);
  test.ports.scheduler.runTurns();
  assert.equal(test.link.writes.length, 2);
  assert.equal(test.sent().length, 1000);
});

test('requests that left before the end of a turn in which the connection was lost may have been carried out', () => {
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
