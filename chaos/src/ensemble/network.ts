import { connect, createServer, type Server, type Socket } from 'node:net';

/** A server's number in the ensemble, or 0: all the clients together. */
export type Party = number;
export const clients: Party = 0;

/** What becomes of the bytes that one party sends to another. */
class Flow {
  isStalled = false;
  readonly pipes = new Set<Pipe>();

  stall(isStalled: boolean): void {
    this.isStalled = isStalled;
    for (const pipe of this.pipes) pipe.update();
  }
}

/** One direction of one connection. Bytes that are held back lie in the sender's socket, as on a real line. */
class Pipe {
  #isFull = false;

  constructor(
    private readonly flow: Flow,
    private readonly source: Socket,
    target: Socket,
  ) {
    flow.pipes.add(this);
    source.on('data', (bytes) => {
      this.#isFull = !target.write(bytes);
      this.update();
    });
    target.on('drain', () => {
      this.#isFull = false;
      this.update();
    });
    source.on('end', () => target.end());
    source.on('close', () => flow.pipes.delete(this));
    this.update();
  }

  update(): void {
    if (this.#isFull || this.flow.isStalled) this.source.pause();
    else this.source.resume();
  }
}

interface Connection {
  readonly from: Party;
  readonly to: Party;
  readonly sockets: readonly [Socket, Socket];
}

/**
 * Everybody reaches everybody through a listener of its own here, so that each direction between two parties can be
 * stalled, and each pair's connections reset or refused.
 */
export class Network {
  readonly #flows = new Map<string, Flow>();
  readonly #refused = new Set<string>();
  readonly #connections = new Set<Connection>();
  readonly #listeners: Server[] = [];

  /** The port at which `from` reaches what `to` listens on. */
  async open(from: Party, to: Party, targetPort: number): Promise<number> {
    const listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#accept(socket, from, to, targetPort),
    );
    this.#listeners.push(listener);
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(0, '127.0.0.1', resolve);
    });
    return (listener.address() as { port: number }).port;
  }

  #accept(caller: Socket, from: Party, to: Party, port: number): void {
    if (this.#refused.has(pairName(from, to))) {
      caller.resetAndDestroy();
      return;
    }
    const called = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const connection: Connection = { from, to, sockets: [caller, called] };
    this.#connections.add(connection);
    new Pipe(this.#flow(from, to), caller, called);
    new Pipe(this.#flow(to, from), called, caller);
    for (const socket of connection.sockets) {
      socket.on('error', () => reset(connection));
      socket.on('close', () => {
        this.#connections.delete(connection);
        reset(connection);
      });
    }
  }

  #flow(from: Party, to: Party): Flow {
    const name = `${from}>${to}`;
    let flow = this.#flows.get(name);
    if (flow === undefined) this.#flows.set(name, (flow = new Flow()));
    return flow;
  }

  /** Holds back what `from` sends to `to`; connections can still be made. Undone by `flow`. */
  stall(from: Party, to: Party): void {
    this.#flow(from, to).stall(true);
  }

  /** Delivers what was held back. */
  flow(from: Party, to: Party): void {
    this.#flow(from, to).stall(false);
  }

  /** Breaks the connections of the two, whoever made them. */
  reset(one: Party, other: Party): void {
    for (const connection of this.#connections) {
      if (pairName(connection.from, connection.to) === pairName(one, other)) reset(connection);
    }
  }

  /** Breaks the connections of the two and makes none until `accept`. */
  refuse(one: Party, other: Party): void {
    this.#refused.add(pairName(one, other));
    this.reset(one, other);
  }

  accept(one: Party, other: Party): void {
    this.#refused.delete(pairName(one, other));
  }

  heal(): void {
    this.#refused.clear();
    for (const flow of this.#flows.values()) flow.stall(false);
  }

  close(): void {
    for (const listener of this.#listeners) listener.close();
    for (const connection of this.#connections) reset(connection);
  }
}

function reset({ sockets }: Connection): void {
  for (const socket of sockets) if (!socket.destroyed) socket.resetAndDestroy();
}

function pairName(one: Party, other: Party): string {
  return one < other ? `${one}-${other}` : `${other}-${one}`;
}
