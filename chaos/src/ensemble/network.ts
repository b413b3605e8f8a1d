import { connect, createServer, type Server, type Socket } from 'node:net';
import { now } from '../time.js';

/** A server's number in the ensemble, or 0 for all clients together. */
export type Party = number;
export const clients: Party = 0;

/** The traffic from one party to another, in this direction only. */
class Flow {
  isStalled = false;
  readonly pipes = new Set<Pipe>();

  stall(isStalled: boolean): void {
    this.isStalled = isStalled;
    for (const pipe of this.pipes) pipe.update();
  }
}

/**
 * One direction of one connection. While the flow is stalled, bytes wait in the sender's socket, as on a real network.
 */
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
  readonly sockets: Set<Socket>;
}

/**
 * A listener of the network. It forwards connections from the party `from` to the port `targetPort` of the party `to`.
 */
interface Way {
  readonly from: Party;
  readonly to: Party;
  readonly port: number;
  readonly targetPort: number;
  readonly listener: Server;
}

/**
 * How long the network retries a target port that the server has not opened yet. Without the network, such a connection
 * would be refused. But the network has already accepted the connection, and closing it at once would look as if a
 * server listened at the port.
 */
const patienceMs = 700;
const retryMs = 10;

/**
 * The network between the servers and clients. Each party reaches every other party through a separate listener. So
 * each direction between two parties can be stalled, and the connections of each pair can be reset or refused. While
 * the process of a party does not run, the listeners that lead to this party are closed.
 */
export class Network {
  readonly #flows = new Map<string, Flow>();
  readonly #refused = new Set<string>();
  readonly #connections = new Set<Connection>();
  readonly #ways: Way[] = [];

  /**
   * Lets `from` reach the port `targetPort` of `to` through a listener at `port`. The listener opens when `setUp`
   * reports that `to` runs.
   */
  open(from: Party, to: Party, port: number, targetPort: number): void {
    const listener = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) =>
      this.#accept(socket, way),
    );
    const way: Way = { from, to, port, targetPort, listener };
    this.#ways.push(way);
  }

  /** Must be called when the process of `to` has started or ended. Opens or closes the listeners that lead to `to`. */
  setUp(to: Party, isUp: boolean): void {
    for (const { listener, port, to: target } of this.#ways) {
      if (target !== to || listener.listening === isUp) continue;
      if (isUp) listener.listen(port, '127.0.0.1');
      else listener.close();
    }
  }

  #accept(caller: Socket, way: Way): void {
    const { from, to } = way;
    const connection: Connection = { from, to, sockets: new Set() };
    this.#connections.add(connection);
    this.#own(connection, caller);
    if (this.#refused.has(pairName(from, to))) reset(connection);
    else this.#call(connection, caller, way, now() + patienceMs);
  }

  #call(connection: Connection, caller: Socket, way: Way, deadlineMs: number): void {
    const { from, to, targetPort: port } = way;
    const called = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const refused = () => {
      if (now() >= deadlineMs) reset(connection);
      else if (!caller.destroyed) setTimeout(() => this.#call(connection, caller, way, deadlineMs), retryMs);
    };
    called.once('error', refused);
    called.once('connect', () => {
      called.off('error', refused);
      this.#own(connection, called);
      new Pipe(this.#flow(from, to), caller, called);
      new Pipe(this.#flow(to, from), called, caller);
      if (caller.destroyed) reset(connection);
    });
  }

  /**
   * Adds a socket to the connection. When one socket of a connection fails or closes, the network resets the other one.
   */
  #own(connection: Connection, socket: Socket): void {
    connection.sockets.add(socket);
    socket.on('error', () => reset(connection));
    socket.on('close', () => {
      this.#connections.delete(connection);
      reset(connection);
    });
  }

  #flow(from: Party, to: Party): Flow {
    const name = `${from}>${to}`;
    let flow = this.#flows.get(name);
    if (flow === undefined) this.#flows.set(name, (flow = new Flow()));
    return flow;
  }

  /** Holds back the bytes from `from` to `to` until `flow` is called. New connections can still be made. */
  stall(from: Party, to: Party): void {
    this.#flow(from, to).stall(true);
  }

  /** Ends a stall: the bytes that were held back are delivered. */
  flow(from: Party, to: Party): void {
    this.#flow(from, to).stall(false);
  }

  /** Resets all connections between the two parties. */
  reset(one: Party, other: Party): void {
    for (const connection of this.#connections) {
      if (pairName(connection.from, connection.to) === pairName(one, other)) reset(connection);
    }
  }

  /** Resets the connections between the two parties, and refuses new ones until `accept` is called. */
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
    for (const { listener } of this.#ways) listener.close();
    for (const connection of this.#connections) reset(connection);
  }
}

function reset({ sockets }: Connection): void {
  for (const socket of sockets) if (!socket.destroyed) socket.resetAndDestroy();
}

function pairName(one: Party, other: Party): string {
  return one < other ? `${one}-${other}` : `${other}-${one}`;
}
