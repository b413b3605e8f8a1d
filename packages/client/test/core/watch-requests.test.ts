import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode } from '@nodekeeper/protocol';
import { calls } from '../../src/calls.js';
import { Requests } from '../../src/requests.js';
import { stat, type TestRequest, TestSession } from '../support/test-session.js';

function requestsAt(test: TestSession, path: string): TestRequest[] {
  return [...test.session.watchRequests.at(path)] as TestRequest[];
}

test('requests about watches are kept by path, in order, until they are answered', () => {
  const test = new TestSession().connected();
  const read = test.get('/a', 'w');
  const other = test.get('/b', 'w');
  const removal = test.request('removeWatches', { path: '/a', type: 3 });
  test.get('/a');
  assert.deepEqual(requestsAt(test, '/a'), [read, removal]);
  test.answer(read, 1, { data: Buffer.alloc(0), stat });
  assert.deepEqual(requestsAt(test, '/a'), [removal]);
  test.answer(other, 1, undefined, ErrorCode.NONODE);
  test.answer(removal, 1);
  assert.ok(test.session.watchRequests.isEmpty);
});

test('an aborted request may set its watch if it was sent, and is removed if it was not', () => {
  const test = new TestSession();
  test.session.start();
  const requests = new Requests(test.session as never, test.ports.scheduler, 5, '');
  const send = (path: string) =>
    void requests.send(
      calls.get,
      path,
      path,
      { path, watch: true },
      () => undefined,
      {},
      { kind: 'data', watcher: () => {} },
    );
  send('/unsent');
  assert.equal(requestsAt(test, '/unsent').length, 1);
  test.ports.scheduler.advance(5);
  assert.ok(test.session.watchRequests.isEmpty);
  test.accept();
  send('/sent');
  test.ports.scheduler.advance(5);
  const sent = requestsAt(test, '/sent')[0]!;
  assert.equal(sent.failure?.code, 'REQUESTTIMEOUT');
  test.answer(sent, 1, { data: Buffer.alloc(0), stat });
  assert.ok(test.session.watchRequests.isEmpty);
});

test('requests of a lost connection or session are removed, and those that wait for the next one are kept', () => {
  const test = new TestSession().connected();
  test.get('/lost', 'w');
  test.link.close('lost');
  assert.ok(test.session.watchRequests.isEmpty);
  const parked = test.get('/parked', 'w');
  test.waitForDial();
  test.link.close('refused');
  assert.deepEqual(requestsAt(test, '/parked'), [parked]);
  test.waitForDial();
  test.accept();
  assert.deepEqual(requestsAt(test, '/parked'), [parked]);
  test.session.closeNow();
  assert.ok(test.session.watchRequests.isEmpty);
});
