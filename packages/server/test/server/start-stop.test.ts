import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ErrorCode } from '@nodekeeper/protocol';
import { defaultConfig } from '../../src/config/server-config.js';
import { silentLogger } from '../../src/log/logger.js';
import { startServer } from '../../src/node.js';
import { RealClient } from '../support/real-client.js';
import { startRealServer, temporaryDirectory } from '../support/real-server.js';
import { createRequest, openAcl } from '../support/test-client.js';

const ephemeral = createRequest('/e', '', { flags: 1 });

function configOf(directory: string, port = 0) {
  const address = { clientPort: port, clientPortAddress: '127.0.0.1' };
  return { ...defaultConfig(), dataDir: directory, dataLogDir: directory, preAllocSizeKb: 64, ...address };
}

test('a stop closes clients and frees the port; a start on the same files has everything, including sessions', async (context) => {
  const directory = temporaryDirectory(context);
  const first = await startServer(configOf(directory), silentLogger);
  const client = await RealClient.open(first.port);
  client.socket.write(
    Buffer.from(`0000002d${'00'.repeat(12)}00002710${'00'.repeat(8)}00000010${'00'.repeat(17)}`, 'hex'),
  );
  await client.until(() => client.wire.messages.length > 0);
  const connected = client.wire.messages[0]!;
  assert(connected.kind === 'connected');
  const { sessionId, passwd } = connected.response;
  client.wire.messages.length = 0;
  await client.call('create', ephemeral);
  await first.stop();
  await client.closed;
  const second = await startServer(configOf(directory, first.port), silentLogger);
  context.after(() => second.stop());
  assert.equal(second.port, first.port);
  const again = await RealClient.connect(second.port, { sessionId, passwd });
  assert.equal((await again.call('exists', { path: '/e', watch: false })).body.stat.ephemeralOwner, sessionId);
  assert.equal((await again.call('closeSession')).err, 0);
  await again.closed;
});

test('a second server on the directory or the port is refused, and the first one continues', async (context) => {
  const directory = temporaryDirectory(context);
  const first = await startServer(configOf(directory), silentLogger);
  context.after(() => first.stop());
  await assert.rejects(startServer(configOf(directory), silentLogger), /is in use by another running server/);
  const other = temporaryDirectory(context);
  await assert.rejects(startServer(configOf(other, first.port), silentLogger), /EADDRINUSE/);
  const client = await RealClient.connect(first.port);
  assert.equal((await client.call('create', createRequest('/a'))).err, 0);
  client.destroy();
  const free = await startServer(configOf(other), silentLogger);
  await free.stop();
});

test('files that recovery cannot trust prevent the start, with the reason', async (context) => {
  const directory = temporaryDirectory(context);
  mkdirSync(join(directory, 'version-2'));
  writeFileSync(join(directory, 'version-2', 'snapshot.5'), 'without any snapshot');
  await assert.rejects(startServer(configOf(directory), silentLogger), /snapshot/);
});

test('each of several real clients gets the replies to its pipelined requests in order', async (context) => {
  const { port } = await startRealServer(context);
  const clients = await Promise.all([0, 1, 2, 3].map(() => RealClient.connect(port)));
  await Promise.all(
    clients.map(async (client, which) => {
      const xids: number[] = [];
      for (let index = 0; index < 200; index++) {
        xids.push(client.send('create', createRequest(`/c${which}-${index}`, 'x'.repeat(index * 10))));
        xids.push(client.send('getData', { path: `/c${which}-${index}`, watch: false }));
      }
      await client.until(() => client.wire.messages.length === xids.length);
      const replies = client.replies();
      assert.deepEqual(
        replies.map(({ xid, err }) => [xid, err]),
        xids.map((xid) => [xid, 0]),
      );
      assert.equal(replies.at(-1)!.body.data.length, 1990);
    }),
  );
  for (const client of clients) client.destroy();
});

test('requests of the largest size work on a real socket, and one more byte is refused', async (context) => {
  const { port } = await startRealServer(context);
  const client = await RealClient.connect(port);
  const overhead = 8 + 4 + 2 + 4 + 4 + 27 - 4 + 4;
  const data = Buffer.alloc(1_048_575 - overhead - 20, 7);
  assert.equal((await client.call('create', { path: '/b', data, acl: openAcl, flags: 0 })).err, 0);
  assert.ok((await client.call('getData', { path: '/b', watch: false })).body.data.equals(data));
  const tooLong = { path: '/b', data: Buffer.alloc(1_048_576), version: -1 };
  await assert.rejects(client.call('setData', tooLong), /closed the connection/);
  const other = await RealClient.connect(port);
  assert.equal((await other.call('delete', { path: '/b', version: 3 })).err, ErrorCode.BADVERSION);
  other.destroy();
});
