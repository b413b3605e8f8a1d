import type { Link, LinkHandler, Ports, ZooKeeper } from '@nodekeeper/client';

/** The connections of one client, which a test disturbs. Give the client the option `ports: wire.ports`. */
export class Wire {
  readonly ports: Ports;
  readonly #open = new Map<Link, LinkHandler>();
  #losesReplies = false;
  #losesRequests = false;
  #isDown = false;

  /** @param other any client; the new client uses the same clock and network */
  constructor(other: ZooKeeper) {
    const { ports } = other;
    this.ports = {
      ...ports,
      dial: (server, handler) => {
        const link = ports.dial(
          this.#isDown ? { host: '127.0.0.1', port: 1 } : server,
          this.#relay(handler, () => own),
        );
        const own: Link = {
          write: (bytes) => this.#losesRequests || link.write(bytes),
          destroy: () => {
            this.#open.delete(own);
            link.destroy();
          },
        };
        this.#open.set(own, handler);
        return own;
      },
    };
  }

  #relay(handler: LinkHandler, link: () => Link): LinkHandler {
    return {
      connected: () => handler.connected(),
      received: (chunk) => {
        if (!this.#losesReplies) handler.received(chunk);
      },
      closed: (reason) => {
        if (this.#open.delete(link())) handler.closed(reason);
      },
    };
  }

  /** The client gets nothing from the server any more, until `cut`. */
  loseReplies(): void {
    this.#losesReplies = true;
  }

  /** Loses the replies after the next call of this method of the client: those to what a recipe does after a read. */
  loseRepliesAfter(zk: ZooKeeper, method: 'get' | 'children' | 'exists'): void {
    const original = zk[method] as (...values: unknown[]) => Promise<unknown>;
    const replaced = async (...values: unknown[]) => {
      Reflect.deleteProperty(zk, method);
      const result = await original.apply(zk, values);
      this.loseReplies();
      return result;
    };
    Reflect.set(zk, method, replaced);
  }

  /** The server gets nothing from the client any more, until `cut`. */
  loseRequests(): void {
    this.#losesRequests = true;
  }

  /** Closes the connection. The next one works, unless the network is down. */
  cut(): void {
    this.#losesReplies = false;
    this.#losesRequests = false;
    for (const [link, handler] of [...this.#open]) {
      link.destroy();
      handler.closed('cut by the test');
    }
  }

  /** Closes the connection; new ones fail until `up`. */
  down(): void {
    this.#isDown = true;
    this.cut();
  }

  up(): void {
    this.#isDown = false;
  }
}
