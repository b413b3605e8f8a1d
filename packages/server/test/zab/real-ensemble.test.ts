import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMembers, createServers } from '../support/real-ensemble.js';
import { createRequest } from '../support/test-client.js';

test('three servers on real sockets and disks elect a leader, survive the loss of one, and lose nothing', async (context) => {
  const servers = createServers(context, await createMembers(3));
  await Promise.all(servers.map((server) => server.start()));
  const [one, two, three] = [servers[0]!, servers[1]!, servers[2]!];
  const first = await one.connect();
  for (let index = 0; index < 50; index++) {
    assert.equal((await first.call('create', createRequest(`/n${index}`))).err, 0);
  }
  await three.stop();
  const second = await two.connect();
  assert.equal((await second.call('create', createRequest('/after'))).err, 0);
  const third = await one.connect();
  await third.call('sync', { path: '/' });
  const { children } = (await third.call('getChildren', { path: '/', watch: false })).body;
  assert.equal(children.length, 52);
  for (const client of [first, second, third]) client.socket.destroy();
});
