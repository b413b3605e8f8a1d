import assert from 'node:assert/strict';
import type { Accept, Transport, TransportHandler } from '../../src/ports/network.js';

/**
 * Both ends of a client's connection, in memory. Bytes arrive only when the test calls `deliver`, so no handler is
 * called within another call.
 */
export class SimulatedConnection implements Transport {
  readonly remotePort: number;
  /** Called with bytes from the server when they reach the client. */
  receive: (bytes: Buffer) => void = () => {};
  /** Called when the server has closed the connection. */
  onClose: () => void = () => {};
  /** The largest number of bytes that the server reads at once. A small number cuts frames into many chunks. */
  chunkBytesMax = 64 * 1024;
  /** False while the client does not read. The operating system then buffers `osBufferBytes` bytes for it. */
  isReading = true;
  osBufferBytes = 256 * 1024;
  unsentBytes = 0;
  unsentBytesMost = 0;
  open = true;
  #handler: TransportHandler | undefined;
  #toServer: Buffer[] = [];
  #toClient: Buffer[] = [];
  #inOsBuffer = 0;
  #paused = false;
  #inputEnded = false;
  #ending = false;
  #delivering = false;

  constructor(
    readonly remoteAddress: string,
    remotePort: number,
  ) {
    this.remotePort = remotePort;
  }

  attach(accept: Accept): boolean {
    this.#handler = accept(this);
    if (this.#handler === undefined) this.open = false;
    return this.open;
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  // ---- the client's side

  send(bytes: Uint8Array): void {
    this.#toServer.push(Buffer.from(bytes));
  }

  /** The client ends its side of the connection: it sends no more bytes, but still reads. */
  halfClose(): void {
    this.#inputEnded = true;
  }

  /** The client closes the connection. */
  disconnect(): void {
    if (!this.open) return;
    this.open = false;
    const handler = this.#handler;
    this.#handler = undefined;
    handler?.closed('the client closed the connection');
  }

  /** Delivers waiting bytes in both directions. Returns false if no bytes were waiting. */
  deliver(): boolean {
    const moved = this.#deliverToClient();
    return this.#deliverToServer() || moved;
  }

  #deliverToServer(): boolean {
    if (this.#paused || this.#handler === undefined) return false;
    const chunk = this.#toServer.shift();
    if (chunk === undefined) {
      if (!this.#inputEnded) return false;
      this.#inputEnded = false;
      this.#call((handler) => handler.ended());
      return true;
    }
    const part = chunk.subarray(0, this.chunkBytesMax);
    if (part.length < chunk.length) this.#toServer.unshift(chunk.subarray(part.length));
    // Overwrite the chunk after the call, because the server must not use a chunk after `receive` returns.
    const lent = Buffer.from(part);
    this.#call((handler) => handler.receive(lent));
    lent.fill(0xee);
    return true;
  }

  #call(work: (handler: TransportHandler) => void): void {
    assert(!this.#delivering, 'calls nest');
    this.#delivering = true;
    try {
      if (this.#handler !== undefined) work(this.#handler);
    } finally {
      this.#delivering = false;
    }
  }

  #deliverToClient(): boolean {
    if (!this.isReading || this.#toClient.length === 0) return this.#finishEnd();
    const all = Buffer.concat(this.#toClient);
    this.#toClient = [];
    this.#inOsBuffer = 0;
    const hadUnsent = this.unsentBytes > 0;
    this.unsentBytes = 0;
    this.receive(all);
    if (hadUnsent) this.#call((handler) => handler.drained());
    this.#finishEnd();
    return true;
  }

  #finishEnd(): boolean {
    if (!this.#ending || !this.open || this.#toClient.length > 0) return false;
    this.open = false;
    this.onClose();
    return true;
  }

  // ---- the server's side

  write(bytes: Buffer): boolean {
    if (!this.open) return false;
    this.#toClient.push(Buffer.from(bytes));
    const room = this.osBufferBytes - this.#inOsBuffer;
    if (this.unsentBytes === 0 && bytes.length <= room) {
      this.#inOsBuffer += bytes.length;
      return true;
    }
    this.unsentBytes += bytes.length;
    this.unsentBytesMost = Math.max(this.unsentBytesMost, this.unsentBytes);
    return false;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  end(): void {
    this.#handler = undefined;
    this.#ending = true;
  }

  destroy(): void {
    if (!this.open) return;
    this.#handler = undefined;
    this.open = false;
    this.onClose();
  }
}
