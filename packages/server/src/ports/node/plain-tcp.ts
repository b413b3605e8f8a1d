import net from 'node:net';
import type { OpenSocket, SocketFactory } from './socket-factory.js';

/** TCP without encryption. All sockets share one read buffer (docs/decisions/0003-shared-read-buffer.md). */
export const plainTcp: SocketFactory = {
  createServer({ keepAlive }, opened) {
    const options = { pauseOnConnect: true, allowHalfOpen: true, noDelay: true, keepAlive };
    return net.createServer(options, (socket) => opened(withSharedReadBuffer(socket)));
  },
  connect({ host, port }, { keepAlive }, opened) {
    const { onread, onData } = sharedRead();
    const options: net.TcpNetConnectOpts = { host, port, allowHalfOpen: true, noDelay: true, keepAlive, onread };
    const socket = net.connect(options);
    socket.once('connect', () => opened({ socket, onData }));
    return socket;
  },
};

/**
 * The read buffer of all sockets. Sharing is safe: each handler consumes or copies its bytes before any socket reads
 * again.
 */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Returns the option that makes a socket read into the shared buffer, and the function that sets the receiver of the
 * bytes.
 */
function sharedRead(): { readonly onread: net.OnReadOpts; readonly onData: OpenSocket['onData'] } {
  let receive: (chunk: Buffer) => void = () => {};
  const callback = (count: number, buffer: Uint8Array) => {
    receive((buffer as Buffer).subarray(0, count));
    return true;
  };
  return {
    onread: { buffer: readBuffer, callback },
    onData(wanted) {
      receive = wanted;
    },
  };
}

type SocketHandle = { readStart?: unknown };

/**
 * Makes an accepted socket read into the shared buffer. By default the socket allocates a 64 KiB buffer for each read,
 * which costs more than the rest of a small request. The option `onread` prevents that, but Node.js offers it only for
 * outgoing connections. This function therefore moves the handle of the accepted socket to a new socket with the
 * option. Node.js does not document handles: if the handle has an unexpected form, the accepted socket is used
 * unchanged.
 */
function withSharedReadBuffer(accepted: net.Socket): OpenSocket {
  const owner = accepted as net.Socket & { _handle?: SocketHandle | null };
  const handle = owner._handle;
  if (typeof handle?.readStart !== 'function') {
    return { socket: accepted, onData: (receive) => void accepted.on('data', receive) };
  }
  owner._handle = null;
  accepted.destroy();
  const { onread, onData } = sharedRead();
  // The constructor accepts both `onread` and `handle`, but its type definition lacks `onread`.
  const options = { handle, onread, allowHalfOpen: true } as unknown as net.SocketConstructorOpts;
  return { socket: new net.Socket(options), onData };
}
