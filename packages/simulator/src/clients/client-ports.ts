import type { Link, LinkHandler, Ports, ServerAddress } from '@nodekeeper/client/testing';
import type { Network, Process, Transport } from '@nodekeeper/server/testing';

/** Observes the connections of a client and the bytes on them. */
export interface LinkTap {
  connected(): void;
  wrote(bytes: Buffer): void;
  heard(chunk: Buffer): void;
}

/** The scheduler, random source and network of the shipped client, on a simulated machine. */
export function clientPorts(network: Network, process: Process, random: () => number, tap: LinkTap): Ports {
  return {
    scheduler: process,
    random,
    dial: (server, handler) => new SimulatedLink(network, process.name, server, handler, tap),
  };
}

class SimulatedLink implements Link {
  #transport: Transport | undefined;
  #isDestroyed = false;
  readonly #cancelDial: () => void;
  readonly #tap: LinkTap;

  constructor(network: Network, from: string, server: ServerAddress, handler: LinkHandler, tap: LinkTap) {
    this.#tap = tap;
    const closed = (reason: string) => this.#isDestroyed || handler.closed(reason);
    this.#cancelDial = network.dial(from, server, (transport) => this.#connected(transport, handler, closed), closed);
  }

  #connected(transport: Transport, handler: LinkHandler, closed: (reason: string) => void) {
    this.#transport = transport;
    this.#tap.connected();
    handler.connected();
    return {
      receive: (chunk: Buffer) => {
        if (this.#isDestroyed) return;
        this.#tap.heard(chunk);
        handler.received(chunk);
      },
      drained: () => {},
      ended: () => {},
      closed,
    };
  }

  write(bytes: Buffer): boolean {
    this.#tap.wrote(bytes);
    const isTaken = this.#transport!.write(bytes);
    // the caller may reuse the buffer now; overwriting it here reveals code that still needs the old content
    if (isTaken) bytes.fill(0xee);
    return isTaken;
  }

  destroy(): void {
    this.#isDestroyed = true;
    if (this.#transport === undefined) this.#cancelDial();
    else this.#transport.destroy();
  }
}
