import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import type { Transport, TransportHandler } from '../../src/ports/network.js';
import { type Listener, listen } from '../../src/ports/node/node-network.js';
import { nodePeers } from '../../src/ports/node/node-peers.js';

const host = '127.0.0.1';

/** Writes until a few bytes have to wait, lets the other side read, and resolves when that was told. */
function untilDrained(connect: (serve: (transport: Transport) => TransportHandler) => void, other: () => net.Socket) {
  return new Promise<void>((done, fail) => {
    connect((transport) => {
      setImmediate(() => {
        while (transport.write(Buffer.alloc(4096)));
        assert(transport.unsentBytes > 0 && transport.unsentBytes <= 4096);
        other().resume();
      });
      const drained = () => {
        assert.equal(transport.unsentBytes, 0);
        transport.destroy();
        done();
      };
      return { receive() {}, drained, ended() {}, closed: () => fail(new Error('closed without being drained')) };
    });
  });
}

test("whoever waits because a few bytes did not fit into a peer's socket is told when they are gone", async () => {
  let accepted: net.Socket | undefined;
  const server = net.createServer((socket) => {
    accepted = socket.pause();
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const peers = nodePeers({ connectTimeoutMs: 5000, keepAlive: false });
  await untilDrained(
    (serve) => peers.dial({ host, port }, serve, (reason) => assert.fail(reason)),
    () => accepted!,
  );
  server.close();
});

test("whoever waits because a few bytes did not fit into a client's socket is told when they are gone", async () => {
  let client: net.Socket | undefined;
  let listener: Listener | undefined;
  await untilDrained(
    (serve) => {
      const options = { port: 0, host, backlog: 0, keepAlive: false };
      void listen(options, (transport) => {
        listener?.close();
        return serve(transport);
      }).then((listening) => {
        listener = listening;
        client = net.connect(listening.port, host).pause();
      });
    },
    () => client!,
  );
  client!.destroy();
});
