import type { Link, LinkHandler, ServerAddress } from '@nodekeeper/client';
import type { LocalEnsemble, Transport } from '@nodekeeper/server/local';

/** A machine of a client in the network in memory. */
export interface ClientMachine {
  readonly host: string;
  /** True if the client must not receive anything. */
  losesReplies: boolean;
}

/** A connection of a client through the network in memory. */
export class MemoryLink implements Link {
  #transport: Transport | undefined;
  #isDestroyed = false;
  readonly #cancelDial: () => void;

  constructor({ network }: LocalEnsemble, machine: ClientMachine, server: ServerAddress, handler: LinkHandler) {
    const closed = (reason: string) => {
      if (!this.#isDestroyed) handler.closed(reason);
    };
    this.#cancelDial = network.dial(
      machine.host,
      server,
      (transport) => {
        this.#transport = transport;
        handler.connected();
        return {
          receive: (chunk) => this.#isDestroyed || machine.losesReplies || handler.received(chunk),
          drained: () => {},
          ended: () => {},
          closed,
        };
      },
      closed,
    );
  }

  write(bytes: Buffer): boolean {
    this.#transport!.write(bytes);
    return true; // the network in memory has copied the bytes
  }

  destroy(): void {
    this.#isDestroyed = true;
    if (this.#transport === undefined) this.#cancelDial();
    else this.#transport.destroy();
  }
}
