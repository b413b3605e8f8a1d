import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestRequest, TestSession } from '../support/test-session.js';

test('a session that is closed by someone who is told of a lost request does not say Disconnected after Closed', () => {
  const test = new TestSession().connected();
  const request = new TestRequest('getData', { path: '/a', watch: false }, undefined, () =>
    test.session.close(() => {}),
  );
  test.session.submit(request);
  test.link.close();
  assert.deepEqual(test.told, ['SyncConnected', 'Closed']);
  assert.equal(test.session.state, 'CLOSED');
});
