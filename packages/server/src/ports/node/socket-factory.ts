import type net from 'node:net';
import type { PeerAddress } from '../network.js';

/** A socket on which bytes can be exchanged. `onData` must be called at once, before the first bytes can arrive. */
export interface OpenSocket {
  readonly socket: net.Socket;
  /** Sets the function that takes the bytes received. They are valid only during the call. */
  onData(receive: (chunk: Buffer) => void): void;
}

interface SocketOptions {
  readonly keepAlive: boolean;
}

/**
 * Opens sockets of one kind, such as plain TCP. The sockets stay open for writing when the other side has sent its last
 * byte, and send without delay.
 */
export interface SocketFactory {
  /** Calls `opened` for each connection once bytes can be exchanged. The caller makes the server listen. */
  createServer(options: SocketOptions, opened: (open: OpenSocket) => void): net.Server;
  /**
   * Connects and calls `opened` once bytes can be exchanged. A failure is an `error` of the socket that is returned; an
   * address that Node.js refuses throws.
   */
  connect(address: PeerAddress, options: SocketOptions, opened: (open: OpenSocket) => void): net.Socket;
}
