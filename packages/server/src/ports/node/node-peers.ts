import net from 'node:net';
import { javaAddressText } from '../ip-address.js';
import type { PeerNetwork, Transport, TransportHandler } from '../network.js';
import { SocketWriter } from './socket-writer.js';

export interface NodePeersOptions {
  /** `cnxTimeout`. */
  readonly connectTimeoutMs: number;
  /** `tcpKeepAlive`. */
  readonly keepAlive: boolean;
}

/** Connections from server to server over TCP. */
export function nodePeers({ connectTimeoutMs, keepAlive }: NodePeersOptions): PeerNetwork {
  return {
    listen({ host, port }, accept, { listening, failed }) {
      const server = net.createServer({ noDelay: true, keepAlive }, (socket) => {
        const transport = new PeerTransport(socket);
        const handler = accept(transport);
        if (handler === undefined) socket.destroy();
        else transport.serve(handler);
      });
      server.on('error', (error: NodeJS.ErrnoException) => {
        // a connection that could not be accepted is not the end of the port
        if (!server.listening) failed(error.message, error.syscall === 'getaddrinfo');
      });
      let isStopped = false;
      server.listen({ port, host }, () => {
        // a name may be looked up for longer than the port is wanted
        if (isStopped) server.close();
        else listening();
      });
      return () => {
        isStopped = true;
        server.close();
      };
    },
    dial({ host, port }, connected, failed) {
      let isOver = false;
      let socket: net.Socket;
      try {
        socket = net.connect({ host, port, noDelay: true, keepAlive });
      } catch (error) {
        // an address that Node does not even try is one that cannot be reached
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
      socket.once('connect', () => {
        if (isOver) return;
        isOver = true;
        socket.setTimeout(0);
        const transport = new PeerTransport(socket);
        transport.serve(connected(transport));
      });
      return () => {
        isOver = true;
        socket.destroy();
      };
    },
  };
}

class PeerTransport implements Transport {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #socket: net.Socket;
  readonly #writer: SocketWriter;
  #handler: TransportHandler | undefined;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.#writer = new SocketWriter(socket, () => this.#handler?.drained());
    this.remoteAddress = javaAddressText(socket.remoteAddress ?? '');
    this.remotePort = socket.remotePort ?? 0;
  }

  serve(handler: TransportHandler): void {
    const socket = this.#socket;
    let reason = 'the other side closed the connection';
    this.#handler = handler;
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('data', (chunk) => handler.receive(chunk));
    socket.on('end', () => handler.ended());
    socket.on('close', () => handler.closed(reason));
  }

  get unsentBytes(): number {
    return this.#writer.unsentBytes;
  }

  write(bytes: Buffer): boolean {
    return this.#writer.write(bytes);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
