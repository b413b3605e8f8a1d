import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ZooKeeper } from '../src/index.js';

test('stats can be written as JSON', async (context) => {
  const zk = new ZooKeeper('127.0.0.1:1');
  context.after(() => zk.close());
  const stats = zk.stats();
  const { sessionId, state, requestsSent, watches } = JSON.parse(JSON.stringify(stats));
  assert.deepEqual(
    { sessionId, state, requestsSent, watches },
    { sessionId: '0x0', state: stats.state, requestsSent: 0, watches: stats.watches },
  );
});
