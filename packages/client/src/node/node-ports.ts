import { connect as connectTcp, type LookupFunction, type Socket, type TcpNetConnectOpts } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import type { Dial, Link, LinkHandler, Ports, Scheduler, ServerAddress } from '../core/ports.js';
import { AddressRounds } from './address-rounds.js';

/**
 * Returns the clock, the random numbers and the sockets of this process, for a session. If `tls` is given, connections
 * use TLS with these options.
 */
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
  // Node runs `work` after all promise callbacks that are due, so that the requests of these callbacks share one write
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
  /**
   * Sets the handler of received bytes. A plain socket takes the handler as an option, a TLS socket as an event
   * listener.
   */
  onData: (handle: (chunk: Buffer) => void) => void;
}

/**
 * The buffer into which all plain sockets of the process read. The handler uses or copies the bytes before the next
 * read.
 */
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

/**
 * Returns the server name for the TLS extension SNI. It is empty for an address, because SNI allows only host names
 * (RFC 6066).
 */
function serverName(host: string): string {
  return /^[\d.]+$|:/.test(host) ? '' : host;
}

/**
 * Returns a link that only reports `error` as the reason why it is closed. It is needed because Node finds some invalid
 * options only when it connects, and then throws.
 */
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

  /**
   * Returns true if the operating system took all bytes at once. In that case, nothing refers to the buffer any more.
   */
  write(bytes: Buffer): boolean {
    this.#socket.write(bytes);
    return this.#socket.writableLength === 0;
  }

  destroy(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }
}

/** Returns the text of an error. If Node tried several addresses, `error` contains one error for each of them. */
function reasonOf(error: NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] }): string {
  if (error.errors !== undefined && error.errors.length > 0) return error.errors.map(reasonOf).join('; ');
  return error.message;
}
