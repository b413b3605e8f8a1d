import type net from 'node:net';
import { javaAddressText } from '../ip-address.js';
import type { Accept, Transport, TransportHandler } from '../network.js';
import type { OpenSocket } from './socket-factory.js';

/** After `end`: the connection is destroyed when nothing moves for this long. */
const lingerDefaultMs = 2000;

/** A connection with a client or with another server, over a socket of any kind. */
export class SocketTransport implements Transport {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #socket: net.Socket;
  readonly #lingerMs: number;
  #handler: TransportHandler | undefined;
  #hasEnded = false;
  /** The last write left bytes for the operating system to take later. */
  #isBehind = false;

  constructor({ socket, onData }: OpenSocket, lingerMs = lingerDefaultMs) {
    this.#socket = socket;
    this.#lingerMs = lingerMs;
    this.remoteAddress = javaAddressText(socket.remoteAddress ?? '');
    this.remotePort = socket.remotePort ?? 0;
    onData((chunk) => this.#handler?.receive(chunk));
  }

  /** Starts the connection with the handler that `accept` returns; without one it is destroyed. */
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

  /** The socket's `drain` cannot be used: it comes only after more bytes than its high-water mark had to wait. */
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
   * What the other side still sends is read and dropped, until it ends too. A socket that is destroyed with unread bytes
   * resets the connection, and the other side may lose what was sent last.
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
