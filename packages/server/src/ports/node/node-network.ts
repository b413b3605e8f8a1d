import net from 'node:net';
import { javaAddressText } from '../ip-address.js';
import type { Accept, Transport, TransportHandler } from '../network.js';
import { SocketWriter } from './socket-writer.js';

export interface ListenOptions {
  readonly port: number;
  readonly host: string | undefined;
  /** Not above 0: the system's usual 50 of Java. */
  readonly backlog: number;
  readonly keepAlive: boolean;
}

export interface Listener {
  readonly port: number;
  close(): void;
}

/** One buffer for the reads of all sockets: what is read is used up, or copied, before the next read. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);
const backlogOfJava = 50;
/** How long a client may take to close its side. */
const lingerMs = 2000;

/** Listens for clients. */
export function listen(options: ListenOptions, accept: Accept): Promise<Listener> {
  const server = net.createServer({ pauseOnConnect: true, noDelay: true, keepAlive: options.keepAlive }, (socket) => {
    new NodeTransport(socket).serve(accept);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const backlog = options.backlog > 0 ? options.backlog : backlogOfJava;
    server.listen({ port: options.port, host: options.host, backlog }, () => {
      server.off('error', reject);
      server.on('error', () => {});
      resolve({ port: (server.address() as net.AddressInfo).port, close: () => server.close() });
    });
  });
}

class NodeTransport implements Transport {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #socket: net.Socket;
  readonly #writer: SocketWriter;
  #handler: TransportHandler | undefined;

  constructor(socket: net.Socket) {
    this.remoteAddress = javaAddressText(socket.remoteAddress ?? '');
    this.remotePort = socket.remotePort ?? 0;
    this.#socket = withSharedReadBuffer(socket, (chunk) => this.#handler?.receive(chunk));
    this.#writer = new SocketWriter(this.#socket, () => this.#handler?.drained());
  }

  serve(accept: Accept): void {
    const socket = this.#socket;
    let reason = 'the client closed the connection';
    socket.on('error', (error: NodeJS.ErrnoException) => {
      reason = error.code ?? error.message;
    });
    this.#handler = accept(this);
    if (this.#handler === undefined) {
      socket.destroy();
      return;
    }
    socket.on('end', () => this.#handler?.ended());
    socket.on('close', () => this.#handler?.closed(reason));
    socket.resume();
  }

  get unsentBytes(): number {
    return this.#writer.unsentBytes;
  }

  write(bytes: Buffer): boolean {
    return this.#writer.write(bytes);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** A socket destroyed with unread bytes resets the connection, and the client may lose what we sent last. */
  end(): void {
    this.#handler = undefined;
    const socket = this.#socket;
    socket.once('end', () => socket.destroySoon());
    socket.setTimeout(lingerMs, () => socket.destroy());
    socket.end();
    socket.resume();
  }

  destroy(): void {
    this.#handler = undefined;
    this.#socket.destroy();
  }
}

type SocketHandle = { readStart?: unknown };

/**
 * An accepted socket makes a 64 KiB buffer for each read, which costs more than the rest of a small request. Sockets
 * that are opened take a buffer to read into (`onread`); accepted ones do not, so the handle is moved to a new socket
 * that does. Handles are not documented: where they are not as expected, the socket is used as it is
 * (docs/decisions/0003-shared-read-buffer.md).
 */
function withSharedReadBuffer(accepted: net.Socket, receive: (chunk: Buffer) => void): net.Socket {
  const owner = accepted as net.Socket & { _handle?: SocketHandle | null };
  const handle = owner._handle;
  if (typeof handle?.readStart !== 'function') {
    accepted.allowHalfOpen = true;
    accepted.on('data', receive);
    return accepted;
  }
  owner._handle = null;
  accepted.destroy();
  const onread = {
    buffer: readBuffer,
    callback: (count: number, buffer: Uint8Array) => {
      receive((buffer as Buffer).subarray(0, count));
      return true;
    },
  };
  // Both options are those of `net.connect` and of the constructor; the types know them only apart.
  return new net.Socket({ handle, onread, allowHalfOpen: true } as unknown as net.SocketConstructorOpts);
}
