import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import type { TestContext } from 'node:test';
import tls from 'node:tls';
import type { Accept, Transport, TransportHandler } from '../../src/ports/network.js';
import { listen } from '../../src/ports/node/node-network.js';
import { nodePeers } from '../../src/ports/node/node-peers.js';
import { plainTcp } from '../../src/ports/node/plain-tcp.js';
import type { OpenSocket, SocketFactory } from '../../src/ports/node/socket-factory.js';

export const host = '127.0.0.1';

/** A handler that records the calls of its transport. */
export class Recorder implements TransportHandler {
  /** The calls in order. Consecutive chunks appear as one `received`. */
  readonly calls: string[] = [];
  receivedBytes = 0;
  #wake: () => void = () => {};

  receive(chunk: Buffer): void {
    this.receivedBytes += chunk.length;
    if (this.calls.at(-1) === 'received') this.#wake();
    else this.#called('received');
  }

  drained(): void {
    this.#called('drained');
  }

  ended(): void {
    this.#called('ended');
  }

  closed(reason: string): void {
    this.#called(`closed: ${reason}`);
  }

  #called(call: string): void {
    this.calls.push(call);
    this.#wake();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((done) => (this.#wake = done));
  }
}

/** A transport whose handler is a recorder, and the socket at the other end of the connection. */
interface Pair {
  readonly transport: Transport;
  readonly recorder: Recorder;
  readonly other: net.Socket;
}

/** Creates sockets for the side of a connection that the test plays. */
interface OtherSide {
  connect(port: number): net.Socket;
  createServer(connected: (socket: net.Socket) => void): net.Server;
}

interface SocketKind extends OtherSide {
  readonly name: string;
  readonly sockets: SocketFactory;
}

const halfOpen = { allowHalfOpen: true };

const plain: SocketKind = {
  name: 'plain TCP',
  sockets: plainTcp,
  connect: (port) => net.connect({ port, host, ...halfOpen }),
  createServer: (connected) => net.createServer(halfOpen, connected),
};

const file = (name: string) => readFileSync(new URL(`../../../../client/testdata/tls/${name}`, import.meta.url));
const identity = { cert: file('server.pem'), key: file('server.key') };
const trust = { ca: file('authority.pem'), servername: 'localhost' };

function openTls(socket: net.Socket): OpenSocket {
  return { socket, onData: (receive) => void socket.on('data', receive) };
}

/**
 * A kind of sockets that differs from plain TCP: it has a handshake, and data arrives in events instead of a shared
 * buffer.
 */
const encrypted: SocketKind = {
  name: 'TLS',
  sockets: {
    createServer({ keepAlive }, opened) {
      const server = tls.createServer({ ...identity, ...halfOpen, noDelay: true, keepAlive });
      return server.on('secureConnection', (socket) => opened(openTls(socket)));
    },
    connect(address, { keepAlive }, opened) {
      const socket = tls.connect({ ...address, ...trust, ...halfOpen });
      socket.setNoDelay(true).setKeepAlive(keepAlive);
      return socket.once('secureConnect', () => opened(openTls(socket)));
    },
  },
  connect: (port) => tls.connect({ port, host, ...trust, ...halfOpen }),
  createServer: (connected) => tls.createServer({ ...identity, ...halfOpen }).on('secureConnection', connected),
};

export const socketKinds = [plain, encrypted];

/** A way to open a connection with sockets of a given kind. Both ends are closed at the end of the test. */
type Way = (context: TestContext, kind: SocketKind) => Promise<Pair>;

/** Connects a socket to the port that `startListening` opens, either for clients or for servers. */
async function accepted(
  context: TestContext,
  kind: SocketKind,
  startListening: (accept: Accept) => Promise<number>,
): Promise<Pair> {
  const recorder = new Recorder();
  const { promise, resolve } = deferred<Transport>();
  const port = await startListening((transport) => {
    resolve(transport);
    return recorder;
  });
  const other = kind.connect(port);
  return closedAfter(context, { transport: await promise, recorder, other });
}

function closedAfter(context: TestContext, pair: Pair): Pair {
  pair.other.on('error', () => {});
  context.after(() => {
    pair.transport.destroy();
    pair.other.destroy();
  });
  return pair;
}

function deferred<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve!: (value: Value) => void;
  const promise = new Promise<Value>((done) => (resolve = done));
  return { promise, resolve };
}

/** Returns the number of a port that is free at the moment. */
async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function peersOf({ sockets }: SocketKind) {
  return nodePeers({ connectTimeoutMs: 5000, keepAlive: true, sockets });
}

/** The three ways in which a server gets a transport. */
export const ways: Readonly<Record<string, Way>> = {
  'a client that connects': (context, kind) =>
    accepted(context, kind, async (accept) => {
      const listener = await listen({ port: 0, host, backlog: 0, keepAlive: true, sockets: kind.sockets }, accept);
      context.after(() => listener.close());
      return listener.port;
    }),
  'a server that connects': (context, kind) =>
    accepted(context, kind, async (accept) => {
      const port = await freePort();
      await new Promise<void>((listening, reject) => {
        const failed = (reason: string) => reject(new Error(reason));
        context.after(peersOf(kind).listen({ host, port }, accept, { listening, failed }));
      });
      return port;
    }),
  'a server that is connected to': async (context, kind) => {
    const recorder = new Recorder();
    const { promise, resolve } = deferred<net.Socket>();
    const server = kind.createServer(resolve).listen(0, host);
    context.after(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    const transport = await new Promise<Transport>((done, fail) => {
      const connected = (transport: Transport) => {
        done(transport);
        return recorder;
      };
      peersOf(kind).dial({ host, port }, connected, (reason) => fail(new Error(reason)));
    });
    return closedAfter(context, { transport, recorder, other: await promise });
  },
};
