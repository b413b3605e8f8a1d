import type net from 'node:net';
import { javaAddressText } from '../ip-address.js';
import type { Accept, Transport, TransportHandler } from '../network.js';
import type { OpenSocket } from './socket-factory.js';

/** After `end`, the connection is destroyed if no byte is sent or received for this long. */
const lingerDefaultMs = 2000;

/** A connection to a client or to another server. The socket may be of any kind, such as plain TCP. */
export class SocketTransport implements Transport {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #socket: net.Socket;
  readonly #lingerMs: number;
  #handler: TransportHandler | undefined;
  #hasEnded = false;
  /** True if the operating system has not accepted all written bytes. */
  #isBehind = false;

  constructor({ socket, onData }: OpenSocket, lingerMs = lingerDefaultMs) {
    this.#socket = socket;
    this.#lingerMs = lingerMs;
    this.remoteAddress = javaAddressText(socket.remoteAddress ?? '');
    this.remotePort = socket.remotePort ?? 0;
    onData((chunk) => this.#handler?.receive(chunk));
  }

  /**
   * Starts the connection with the handler that `accept` returns. Destroys the connection if `accept` returns
   * undefined.
   */
  serve(accept: Accept): void {
    const socket = this.#socket;
    let reason = 'the other side closed the connection';
    socket.on('error', (error) => {
      reason = error.message;
    });
    const handler = accept(this);
    if (handler === undefined) {
      socket.destroy();
      return;
    }
    if (!this.#hasEnded) this.#handler = handler;
    socket.on('end', () => {
      if (!socket.destroyed) this.#handler?.ended();
    });
    socket.on('close', () => this.#handler?.closed(reason));
    socket.resume();
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Buffer): boolean {
    const socket = this.#socket;
    if (socket.destroyed) return false;
    socket.write(bytes, this.#written);
    this.#isBehind = socket.writableLength > 0;
    return !this.#isBehind;
  }

  /**
   * Called when the operating system has accepted a write. The event `drain` of the socket is no substitute: it occurs
   * only if the queued bytes exceeded the high-water mark.
   */
  readonly #written = (): void => {
    const socket = this.#socket;
    if (!this.#isBehind || socket.destroyed || socket.writableLength > 0) return;
    this.#isBehind = false;
    this.#handler?.drained();
  };

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /**
   * Sends the written bytes, then reads and drops received bytes until the other side also ends the connection.
   * Destroying a socket with unread bytes resets the connection, and the other side could lose the last bytes sent to
   * it.
   */
  end(): void {
    this.#hasEnded = true;
    this.#handler = undefined;
    const socket = this.#socket;
    socket.once('end', () => socket.destroySoon());
    socket.setTimeout(this.#lingerMs, () => socket.destroy());
    socket.end();
    socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
