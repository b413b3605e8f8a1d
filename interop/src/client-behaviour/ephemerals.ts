import assert from 'node:assert/strict';
import { Events, type Scenario, until } from './scenario.js';

export const ephemerals: Scenario[] = [
  {
    name: 'closing a client deletes only its own ephemeral nodes, before close resolves',
    async run({ zk, connect }) {
      const other = await connect();
      await other.create('/theirs', '', { mode: 'EPHEMERAL' });
      await other.create('/stays');
      await other.create('/stays/theirs', '', { mode: 'EPHEMERAL_SEQUENTIAL' });
      await zk.create('/mine', '', { mode: 'EPHEMERAL' });
      const events = new Events();
      await zk.exists('/theirs', { watch: events.watch });
      await other.close();
      assert.equal(await zk.exists('/theirs'), null);
      assert.deepEqual((await zk.children('/stays')).children, []);
      assert.ok(await zk.exists('/mine'));
      assert.deepEqual(events.rest(), ['NodeDeleted /theirs']);
    },
  },
  {
    name: 'getEphemerals lists the ephemeral nodes of this session that begin with a prefix',
    async run({ zk, connect }) {
      const other = await connect();
      await other.create('/a-theirs', '', { mode: 'EPHEMERAL' });
      await zk.create('/a');
      const mine = ['/a/1', '/a/2', '/ab', '/c'];
      for (const path of mine) await zk.create(path, '', { mode: 'EPHEMERAL' });
      assert.deepEqual((await zk.getEphemerals()).sort(), mine);
      assert.deepEqual((await zk.getEphemerals('/')).sort(), mine);
      assert.deepEqual((await zk.getEphemerals('/a')).sort(), ['/a/1', '/a/2', '/ab']);
      assert.deepEqual((await zk.getEphemerals('/a/1')).sort(), ['/a/1']);
      assert.deepEqual(await zk.getEphemerals('/none'), []);
      await zk.delete('/c');
      assert.deepEqual((await zk.getEphemerals()).sort(), ['/a/1', '/a/2', '/ab']);
      assert.deepEqual(await other.getEphemerals(), ['/a-theirs']);
    },
  },
  {
    name: 'a silent session expires, and its ephemeral nodes are deleted',
    inChroot: false,
    async run({ zk, connect }) {
      const silent = await connect({ sessionTimeoutMs: 600, reconnectDelayMs: { base: 1, max: 1 } });
      await silent.create('/theirs', '', { mode: 'EPHEMERAL' });
      const events = new Events();
      await zk.exists('/theirs', { watch: events.watch });
      silent.updateServers('127.0.0.1:1');
      assert.equal(await events.next(), 'NodeDeleted /theirs');
      await until('the client knows', () => silent.state === 'CLOSED');
    },
  },
  {
    name: 'an idle session stays open because the client pings',
    inChroot: false,
    async run({ zk, connect }) {
      const idle = await connect({ sessionTimeoutMs: 1000 });
      await idle.create('/theirs', '', { mode: 'EPHEMERAL' });
      await until('it has pinged four times', () => idle.stats().pings >= 4);
      assert.equal(idle.state, 'CONNECTED');
      assert.ok(await zk.exists('/theirs'));
      assert.ok(idle.stats().pingMs! < 1000);
    },
  },
];
