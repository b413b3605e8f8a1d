import { connect as connectTcp, type LookupFunction, type Socket, type TcpNetConnectOpts } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import type { Dial, Link, LinkHandler, Ports, Scheduler, ServerAddress } from '../core/ports.js';
import { AddressRounds } from './address-rounds.js';

/** Time, chance and sockets of this process. With `tls`, connections are secured with these options. */
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
  // runs when the promises that this turn has settled have run, so their new requests leave with one write
  nextTurn: (work) => process.nextTick(work),
  after(delayMs, work) {
    const timer = setTimeout(work, Math.min(delayMs, 0x7fffffff));
    return () => clearTimeout(timer);
  },
};

interface OpenSocket {
  readonly socket: Socket;
  /** The event that says that bytes can be sent. */
  readonly readyEvent: 'connect' | 'secureConnect';
  /** Where received bytes come from: the options of a plain socket take a handler, others have an event. */
  onData: (handle: (chunk: Buffer) => void) => void;
}

/** Sockets of one process read into one buffer: what is in it is used up, or copied, before the next read. */
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

/** SNI is for names only (RFC 6066). */
function serverName(host: string): string {
  return /^[\d.]+$|:/.test(host) ? '' : host;
}

/** Node refuses some options only when it connects; that is a failed attempt like others. */
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

  /** After a write that the system took whole, at once, nothing refers to the bytes any more. */
  write(bytes: Buffer): boolean {
    this.#socket.write(bytes);
    return this.#socket.writableLength === 0;
  }

  destroy(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }
}

/** Several addresses that were tried give one error that has the others inside. */
function reasonOf(error: NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] }): string {
  if (error.errors !== undefined && error.errors.length > 0) return error.errors.map(reasonOf).join('; ');
  return error.message;
}
