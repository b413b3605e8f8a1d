import type net from 'node:net';
import type { PeerAddress } from '../network.js';

/**
 * A socket that is ready to send and receive. The owner must call `onData` at once, before the first bytes can arrive.
 */
export interface OpenSocket {
  readonly socket: net.Socket;
  /** Sets the function that receives bytes. The chunk is valid only during the call of that function. */
  onData(receive: (chunk: Buffer) => void): void;
}

interface SocketOptions {
  readonly keepAlive: boolean;
}

/**
 * Opens sockets of one kind, such as plain TCP. A socket remains open for writing after the other side has sent its
 * last byte. A socket sends bytes without delay (TCP_NODELAY).
 */
export interface SocketFactory {
  /**
   * Creates a server that calls `opened` for each connection that is ready to send and receive. The caller must call
   * `listen`.
   */
  createServer(options: SocketOptions, opened: (open: OpenSocket) => void): net.Server;
  /**
   * Connects, and calls `opened` when the socket is ready to send and receive. If the attempt fails, the returned
   * socket emits `error`. If Node.js refuses the address, `connect` throws.
   */
  connect(address: PeerAddress, options: SocketOptions, opened: (open: OpenSocket) => void): net.Socket;
}
