import { once } from 'node:events';
import type { Link, LinkHandler, Ports, ServerAddress, ZooKeeper } from '@nodekeeper/client';

/** One connection of a client that the test can disturb. */
interface Line {
  readonly link: Link;
  readonly handler: LinkHandler;
}

/**
 * The ports of a client whose network and clock the test disturbs. Pass `ports` to the client as its option.
 */
export class FaultyNetwork {
  readonly ports: Ports;
  readonly #lines = new Set<Line>();
  #losesReplies = false;
  #refuses = false;
  #skippedMs = 0;

  /** @param base the ports of another client */
  constructor(base: Ports) {
    const { scheduler, random } = base;
    this.ports = {
      random,
      scheduler: {
        monotonicMs: () => scheduler.monotonicMs() + this.#skippedMs,
        nextTurn: (work) => scheduler.nextTurn(work),
        after: (delayMs, work) => scheduler.after(delayMs, work),
      },
      dial: (server, handler) => this.#dial(base, server, handler),
    };
  }

  #dial(base: Ports, server: ServerAddress, handler: LinkHandler): Link {
    if (this.#refuses) {
      setImmediate(() => handler.closed('the test refuses connections'));
      return { write: () => true, destroy: () => {} };
    }
    const link = base.dial(server, {
      connected: () => handler.connected(),
      received: (chunk) => this.#losesReplies || handler.received(chunk),
      closed: (reason) => this.#lines.delete(line) && handler.closed(reason),
    });
    const line = { link, handler };
    this.#lines.add(line);
    return {
      write: (bytes) => link.write(bytes),
      destroy: () => {
        this.#lines.delete(line);
        link.destroy();
      },
    };
  }

  /** Drops everything that servers send, until `cut`. Requests still arrive. */
  loseReplies(): void {
    this.#losesReplies = true;
  }

  /** Drops everything that servers send from the next call of a method of the client, until `cut`. */
  loseRepliesFrom(zk: ZooKeeper, method: 'transaction' | 'delete'): void {
    const original = zk[method] as (...values: unknown[]) => unknown;
    const replaced = (...values: unknown[]) => {
      Reflect.deleteProperty(zk, method);
      this.loseReplies();
      return original.apply(zk, values);
    };
    Reflect.set(zk, method, replaced);
  }

  /** Closes the connections. The client connects again. */
  cut(): void {
    this.#losesReplies = false;
    for (const line of this.#lines) {
      this.#lines.delete(line);
      line.link.destroy();
      line.handler.closed('the test cut the connection');
    }
  }

  /** Refuses new connections until `accept`. */
  refuse(): void {
    this.#refuses = true;
  }

  accept(): void {
    this.#refuses = false;
  }

  /**
   * Makes a client believe that its session has expired, although the server keeps the session. Cuts the connection,
   * and moves the clock of the client forward until it gives the session up.
   */
  async giveSessionUp(zk: ZooKeeper): Promise<void> {
    const expired = once(zk, 'Expired');
    this.refuse();
    this.cut();
    this.#skippedMs += 2 * zk.session.timeoutMs;
    await expired;
    this.accept();
  }
}
