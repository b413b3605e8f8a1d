import type { AddressInfo } from 'node:net';
import type { Accept } from '../network.js';
import { plainTcp } from './plain-tcp.js';
import type { SocketFactory } from './socket-factory.js';
import { SocketTransport } from './socket-transport.js';

interface ListenOptions {
  readonly port: number;
  readonly host: string | undefined;
  /** Maximum number of connections that wait to be accepted. A value of zero or less means 50, Java's default. */
  readonly backlog: number;
  readonly keepAlive: boolean;
  /** Opens the sockets. The default is plain TCP. */
  readonly sockets?: SocketFactory;
}

export interface Listener {
  readonly port: number;
  close(): void;
}

const backlogOfJava = 50;

/** Listens for connections of clients. */
export function listen(options: ListenOptions, accept: Accept): Promise<Listener> {
  const { port, host, keepAlive, sockets = plainTcp } = options;
  const backlog = options.backlog > 0 ? options.backlog : backlogOfJava;
  const server = sockets.createServer({ keepAlive }, (open) => new SocketTransport(open).serve(accept));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog }, () => {
      server.off('error', reject);
      server.on('error', () => {});
      resolve({ port: (server.address() as AddressInfo).port, close: () => server.close() });
    });
  });
}
