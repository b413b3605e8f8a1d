import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { ZooKeeper } from '@nodekeeper/client';
import { sharedEnsemble, sharedServer, useEnsemble, useServer } from '../src/index.js';

test('useServer ends the server with the test', async (context) => {
  let zk!: ZooKeeper;
  await context.test('a test with a server', async (inner) => {
    const server = await useServer(inner);
    zk = await server.connect();
    await zk.create('/a');
  });
  assert.equal(zk.state, 'CLOSED');
});

test('useEnsemble starts an ensemble', async (context) => {
  const ensemble = await useEnsemble(context, 3, { transport: 'memory' });
  assert.equal(ensemble.servers.length, 3);
});

describe('sharedServer', () => {
  let kept: ZooKeeper;
  const server = sharedServer(
    { before, after, afterEach },
    {
      transport: 'memory',
      setUp: async (started) => {
        kept = await started.connect();
        await kept.create('/app', 'set up');
      },
    },
  );
  let client: ZooKeeper;

  test('a test gets the tree of setUp, and may change and break everything', async () => {
    client = await server().connect();
    assert.equal(String((await client.get('/app')).data), 'set up');
    await client.set('/app', 'changed');
    await client.create('/more');
    server().partition(client, 1);
    server().crash();
  });

  test('the next test gets the tree of setUp again, a server that runs, and the clients of setUp', async () => {
    assert.equal(client.state, 'CLOSED');
    await server().clock.until(kept.connected());
    assert.deepEqual((await kept.children('/')).children.sort(), ['app', 'zookeeper']);
    assert.equal(String((await kept.get('/app')).data), 'set up');
    server().pause();
  });

  test('a paused server continues in the next test', async () => {
    await server().connect();
  });
});

describe('sharedEnsemble with the hooks of vitest and jest', () => {
  const ensemble = sharedEnsemble({ beforeAll: before, afterAll: after, afterEach }, 3, { transport: 'memory' });

  test('a test may crash the leader', async () => {
    ensemble().crash(ensemble().leader);
  });

  test('the next test gets all servers', async () => {
    assert.deepEqual(
      ensemble()
        .servers.map(({ mode }) => mode)
        .sort(),
      ['follower', 'follower', 'leader'],
    );
  });
});

test('a shared server is not there before the first test', () => {
  const ignored = { before() {}, after() {} };
  assert.throws(sharedServer(ignored), {
    message: 'sharedServer: the server starts before the first test, not earlier',
  });
});
