import type { Socket } from 'node:net';
import type { PeerNetwork } from '../network.js';
import { plainTcp } from './plain-tcp.js';
import type { SocketFactory } from './socket-factory.js';
import { SocketTransport } from './socket-transport.js';

interface NodePeersOptions {
  /** The value of the option `cnxTimeout`, in ms. */
  readonly connectTimeoutMs: number;
  /** The value of the option `tcpKeepAlive`. */
  readonly keepAlive: boolean;
  /** Opens the sockets. The default is plain TCP. */
  readonly sockets?: SocketFactory;
}

/** Creates the network through which this server connects to other servers and accepts their connections. */
export function nodePeers({ connectTimeoutMs, keepAlive, sockets = plainTcp }: NodePeersOptions): PeerNetwork {
  return {
    listen({ host, port }, accept, { listening, failed }) {
      const server = sockets.createServer({ keepAlive }, (open) => new SocketTransport(open).serve(accept));
      server.on('error', (error: NodeJS.ErrnoException) => {
        // Ignore an error while accepting one connection: the server still listens.
        if (!server.listening) failed(error.message, error.syscall === 'getaddrinfo');
      });
      let isStopped = false;
      server.listen({ port, host }, () => {
        // The caller may have stopped listening before the host name was resolved.
        if (isStopped) server.close();
        else listening();
      });
      return () => {
        isStopped = true;
        server.close();
      };
    },
    dial(address, connected, failed) {
      let isOver = false;
      let socket: Socket;
      try {
        socket = sockets.connect(address, { keepAlive }, (open) => {
          if (isOver) return;
          isOver = true;
          socket.setTimeout(0);
          new SocketTransport(open).serve(connected);
        });
      } catch (error) {
        // Node.js throws for an address that it refuses, for example an invalid port. Such an address counts as
        // unreachable.
        const cancelled = setImmediate(() => failed((error as Error).message));
        return () => clearImmediate(cancelled);
      }
      const fail = (reason: string) => {
        if (isOver) return;
        isOver = true;
        socket.destroy();
        failed(reason);
      };
      socket.setTimeout(connectTimeoutMs, () => fail(`no answer for ${connectTimeoutMs} ms`));
      socket.once('error', (error) => fail(error.message));
      return () => {
        isOver = true;
        socket.destroy();
      };
    },
  };
}
