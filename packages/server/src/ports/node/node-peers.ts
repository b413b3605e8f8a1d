import type { Socket } from 'node:net';
import type { PeerNetwork } from '../network.js';
import { plainTcp } from './plain-tcp.js';
import type { SocketFactory } from './socket-factory.js';
import { SocketTransport } from './socket-transport.js';

interface NodePeersOptions {
  /** `cnxTimeout`. */
  readonly connectTimeoutMs: number;
  /** `tcpKeepAlive`. */
  readonly keepAlive: boolean;
  /** Default: plain TCP. */
  readonly sockets?: SocketFactory;
}

/** Connections between servers. */
export function nodePeers({ connectTimeoutMs, keepAlive, sockets = plainTcp }: NodePeersOptions): PeerNetwork {
  return {
    listen({ host, port }, accept, { listening, failed }) {
      const server = sockets.createServer({ keepAlive }, (open) => new SocketTransport(open).serve(accept));
      server.on('error', (error: NodeJS.ErrnoException) => {
        // an error while accepting one connection does not end the port
        if (!server.listening) failed(error.message, error.syscall === 'getaddrinfo');
      });
      let isStopped = false;
      server.listen({ port, host }, () => {
        // the name look-up may end after the port was stopped
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
        // treat an address that Node.js refuses as unreachable
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
