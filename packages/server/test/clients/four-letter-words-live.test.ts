import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RealClient } from '../support/real-client.js';
import { startRealServer } from '../support/real-server.js';
import { openAcl } from '../support/test-client.js';
import { TestServer } from '../support/test-server.js';

const all = { fourLetterWordWhitelist: ['*'] };

test('a real socket gets whole answers to words, with the client half-closed, and byte by byte', async (context) => {
  const { port } = await startRealServer(context, all);
  assert.equal(await RealClient.exchange(port, ['ruok']), 'imok');
  assert.equal(await RealClient.exchange(port, ['ruok'], true), 'imok');
  assert.equal(await RealClient.exchange(port, [...'ruok']), 'imok');
  assert.equal(await RealClient.exchange(port, ['ruok\n'], true), 'imok');
  assert.equal(await RealClient.exchange(port, ['isro']), 'rw');
  assert.equal(await RealClient.exchange(port, ['ru'], true), '');
  assert.match(
    await RealClient.exchange(port, [...'srvr'], true),
    /^Zookeeper version: 3\.9\.5[\s\S]*Mode: standalone\n/,
  );
  const mask = Buffer.alloc(8);
  mask.writeBigInt64BE(77n);
  assert.equal(await RealClient.exchange(port, ['stmk', mask.subarray(0, 3), mask.subarray(3)]), '77');
  assert.equal(await RealClient.exchange(port, ['gtmk']), '77');
  assert.equal(await RealClient.exchange(port, ['stmk', mask.subarray(0, 3)], true), '');
});

test('mntr and stat on a real socket show the connected clients', async (context) => {
  const { port } = await startRealServer(context, all);
  const client = await RealClient.connect(port);
  await client.call('create', { path: '/e', data: Buffer.from('x'), acl: openAcl, flags: 1 });
  await client.call('exists', { path: '/e', watch: true });
  const mntr = await RealClient.exchange(port, ['mntr'], true);
  const value = (key: string) => new RegExp(`^zk_${key}\\t(.*)$`, 'm').exec(mntr)?.[1];
  assert.deepEqual(['server_state', 'ephemerals_count', 'watch_count', 'znode_count', 'global_sessions'].map(value), [
    'standalone',
    '1',
    '1',
    '6',
    '1',
  ]);
  assert.ok(Number(value('open_file_descriptor_count')) > 0);
  assert.match(
    await RealClient.exchange(port, ['stat']),
    /Clients:\n \/127\.0\.0\.1:\d+\[1\]\(queued=0,recved=3,sent=3\)/,
  );
  assert.match(await RealClient.exchange(port, ['dump']), /Sessions with Ephemerals \(1\):\n0x[0-9a-f]+:\n\t\/e\n/);
  assert.match(await RealClient.exchange(port, ['wchp']), /^\/e\n\t0x[0-9a-f]+\n/);
  assert.match(await RealClient.exchange(port, ['envi']), /^Environment:\nzookeeper\.version=3\.9\.5/);
  client.destroy();
});

test('a word outside the whitelist is refused; srvr is always allowed', () => {
  const server = new TestServer();
  const ask = (word: string) => {
    const client = server.open();
    let text = '';
    client.connection.receive = (bytes) => void (text += bytes.toString());
    client.raw(Buffer.from(word));
    server.settle();
    assert.equal(client.isClosed, true, word);
    return text;
  };
  assert.equal(ask('ruok'), 'ruok is not executed because it is not in the whitelist.\n');
  assert.match(ask('srvr'), /Mode: standalone/);
  assert.equal(server.clients.connectionCount, 0);
});

test('every word answers, in one chunk or byte by byte, on a server with sessions, watches and quotas', () => {
  const server = new TestServer(all);
  const client = server.connect();
  client.create('/a');
  client.get('/a', true);
  client.create('/e', '', { flags: 1 });
  const words = 'conf cons crst dirs dump envi gtmk ruok srst srvr stat wchc wchp wchs mntr isro hash'.split(' ');
  for (const word of words) {
    for (const chunkBytesMax of [1, 4]) {
      const connection = server.open();
      let text = '';
      connection.connection.chunkBytesMax = chunkBytesMax;
      connection.connection.receive = (bytes) => void (text += bytes.toString());
      connection.raw(Buffer.from(word));
      server.settle();
      assert.equal(connection.isClosed, true, word);
      if (word !== 'hash') assert.notEqual(text, '', word);
    }
  }
  assert.deepEqual([server.clients.connectionCount, client.exists('/a').err], [1, 0]);
});

test('a word on a connection with a session is read as a frame length, which is too large', () => {
  const server = new TestServer(all);
  const client = server.connect();
  client.raw(Buffer.from('ruok'));
  server.settle();
  assert.equal(client.isClosed, true);
});
