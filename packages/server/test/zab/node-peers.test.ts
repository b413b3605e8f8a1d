import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { nodePeers } from '../../src/ports/node/node-peers.js';

test('whoever waits because a few bytes did not fit into the socket is told when they are gone', async () => {
  const accepted: net.Socket[] = [];
  const server = net.createServer((socket) => accepted.push(socket.pause())).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const peers = nodePeers({ connectTimeoutMs: 5000, keepAlive: false, bindAttempts: 1 });
  await new Promise<void>((done, fail) => {
    peers.dial(
      { host: '127.0.0.1', port },
      (transport) => {
        setImmediate(() => {
          while (transport.write(Buffer.alloc(4096)));
          assert(transport.unsentBytes > 0 && transport.unsentBytes <= 4096);
          for (const socket of accepted) socket.resume();
        });
        const drained = () => {
          assert.equal(transport.unsentBytes, 0);
          transport.destroy();
          done();
        };
        return { receive() {}, drained, ended() {}, closed: () => fail(new Error('closed without being drained')) };
      },
      (reason) => fail(new Error(reason)),
    );
  });
  server.close();
});
