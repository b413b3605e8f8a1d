import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import test from 'node:test';
import { command } from '../support/run-shell.js';
import { serverPort } from '../support/server.js';

test('the shell prints the same version as the server of the same release', async (context) => {
  const port = await serverPort(context);
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write('srvr');
  const [, version] = /^Zookeeper version: (.*)$/m.exec(await text(socket))!;
  assert.equal((await command(context, port, 'version')).stdout, `ZooKeeper CLI version: ${version}\n`);
});
