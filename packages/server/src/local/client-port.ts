import type { Network } from '../in-memory/network.js';
import type { Transport, TransportHandler } from '../ports/network.js';
import { type Listener, listen } from '../ports/node/node-network.js';

export const localHost = '127.0.0.1';
/** The port on which a server accepts clients in the network in memory. */
export const memoryClientPort = 2181;
/** The machine of the network in memory from which the clients of TCP ports connect. */
export const tcpClients = 'clients';

/**
 * The TCP port of a server in this process. It connects each client with the server through the network in memory.
 * Therefore the faults of that network reach these clients too.
 */
export class ClientPort {
  #listener: Listener | undefined;

  constructor(
    readonly network: Network,
    readonly server: string,
    /** 0 picks a free port at the first `open`. */
    public port: number,
  ) {}

  async open(): Promise<void> {
    const options = { port: this.port, host: localHost, backlog: 0, keepAlive: false };
    this.#listener ??= await listen(options, (socket) => this.#relay(socket));
    this.port = this.#listener.port;
  }

  close(): void {
    this.#listener?.close();
    this.#listener = undefined;
  }

  #relay(socket: Transport): TransportHandler {
    let toServer: Transport | undefined;
    const held: Buffer[] = [];
    const connected = (transport: Transport): TransportHandler => {
      toServer = transport;
      for (const bytes of held) transport.write(bytes);
      return {
        receive: (chunk) => {
          // the chunk is valid only during this call, but the socket may need it longer
          if (!socket.write(Buffer.from(chunk))) transport.pause();
        },
        drained: () => socket.resume(),
        ended: () => socket.end(),
        closed: () => socket.destroy(),
      };
    };
    const address = { host: this.server, port: memoryClientPort };
    const cancel = this.network.dial(tcpClients, address, connected, () => socket.destroy());
    return {
      receive: (chunk) => {
        if (toServer === undefined) held.push(Buffer.from(chunk));
        else if (!toServer.write(chunk)) socket.pause();
      },
      drained: () => toServer?.resume(),
      ended: () => toServer?.end(),
      closed: () => {
        cancel();
        toServer?.destroy();
      },
    };
  }
}
