import { connect as connectTcp, type LookupFunction, type Socket, type TcpNetConnectOpts } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import type { Dial, Link, LinkHandler, Ports, Scheduler, ServerAddress } from '../core/ports.js';
import { AddressRounds } from './address-rounds.js';

/** The time, random numbers and sockets of this process. With `tls`, connections use TLS with these options. */
export function nodePorts(tls: ConnectionOptions | undefined): Ports {
  const rounds = new AddressRounds();
  const dial: Dial = (server, handler) => {
    try {
      const opened = tls === undefined ? openTcp(server, rounds.lookup) : openTls(server, tls, rounds.lookup);
      opened.socket.on('connectionAttempt', (address: string) => rounds.tries(server.host, address));
      return new NodeLink(opened, handler);
    } catch (error) {
      return failedLink(error as Error, handler);
    }
  };
  return { scheduler: nodeScheduler, random: Math.random, dial };
}

const nodeScheduler: Scheduler = {
  monotonicMs: () => performance.now(),
  // runs after the callbacks of the promises settled in this turn, so that their new requests share one write
  nextTurn: (work) => process.nextTick(work),
  after(delayMs, work) {
    const timer = setTimeout(work, Math.min(delayMs, 0x7fffffff));
    return () => clearTimeout(timer);
  },
};

interface OpenSocket {
  readonly socket: Socket;
  /** The event after which bytes can be sent. */
  readonly readyEvent: 'connect' | 'secureConnect';
  /** Sets the handler of received bytes. A plain socket takes it as an option, a TLS socket as an event listener. */
  onData: (handle: (chunk: Buffer) => void) => void;
}

/** All sockets of the process read into one buffer. Its content is used or copied before the next read. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

function openTcp({ host, port }: ServerAddress, lookup: LookupFunction): OpenSocket {
  let handle: (chunk: Buffer) => void = () => {};
  const onread = {
    buffer: readBuffer,
    callback: (count: number, bytes: Uint8Array) => {
      handle((bytes as Buffer).subarray(0, count));
      return true;
    },
  };
  const options: TcpNetConnectOpts = { host, port, lookup, noDelay: true, keepAlive: true, onread };
  const socket = connectTcp(options);
  return { socket, readyEvent: 'connect', onData: (wanted) => void (handle = wanted) };
}

function openTls({ host, port }: ServerAddress, tls: ConnectionOptions, lookup: LookupFunction): OpenSocket {
  const socket: TLSSocket = connectTls({ servername: serverName(host), lookup, ...tls, host, port });
  socket.setNoDelay(true);
  return { socket, readyEvent: 'secureConnect', onData: (wanted) => socket.on('data', wanted) };
}

/** SNI allows only host names, no addresses (RFC 6066). */
function serverName(host: string): string {
  return /^[\d.]+$|:/.test(host) ? '' : host;
}

/** Node checks some options only when it connects. An invalid one makes the attempt fail. */
function failedLink(error: Error, handler: LinkHandler): Link {
  const telling = setImmediate(() => handler.closed(error.message));
  return { write: () => true, destroy: () => clearImmediate(telling) };
}

class NodeLink implements Link {
  readonly #socket: Socket;
  #isOver = false;

  constructor({ socket, readyEvent, onData }: OpenSocket, handler: LinkHandler) {
    this.#socket = socket;
    let reason = 'the server closed the connection';
    socket.on('error', (error: NodeJS.ErrnoException) => {
      reason = reasonOf(error);
    });
    socket.once(readyEvent, () => this.#isOver || handler.connected());
    onData((chunk) => this.#isOver || handler.received(chunk));
    socket.once('close', () => this.#isOver || handler.closed(reason));
  }

  /** True if the system took all bytes at once. Then nothing refers to the buffer any more. */
  write(bytes: Buffer): boolean {
    this.#socket.write(bytes);
    return this.#socket.writableLength === 0;
  }

  destroy(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }
}

/** If Node tried several addresses, one error contains the errors of all. */
function reasonOf(error: NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] }): string {
  if (error.errors !== undefined && error.errors.length > 0) return error.errors.map(reasonOf).join('; ');
  return error.message;
}
