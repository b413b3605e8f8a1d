import type net from 'node:net';

/** Writes to a socket, and tells when what had to wait has left. */
export class SocketWriter {
  readonly #socket: net.Socket;
  readonly #drained: () => void;
  #isBehind = false;

  constructor(socket: net.Socket, drained: () => void) {
    this.#socket = socket;
    this.#drained = drained;
  }

  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** True: the system took the bytes whole, at once, and nothing refers to them any more. */
  write(bytes: Buffer): boolean {
    if (this.#socket.destroyed) return false;
    this.#socket.write(bytes, this.#written);
    this.#isBehind = this.#socket.writableLength > 0;
    return !this.#isBehind;
  }

  /** Not the socket's `drain`: that comes only after more than its high-water mark had to wait, and a vote is less. */
  readonly #written = (): void => {
    if (!this.#isBehind || this.#socket.destroyed || this.#socket.writableLength > 0) return;
    this.#isBehind = false;
    this.#drained();
  };
}
