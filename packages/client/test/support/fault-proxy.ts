import { connect, createServer, type Server, type Socket } from 'node:net';

type Direction = 'toClient' | 'toServer' | 'both';

/**
 * A TCP proxy between a client and a server, which causes network faults on demand. It uses real sockets within one
 * process. Each fault applies to open and new connections, unless the comment on its method says otherwise.
 */
export class FaultProxy {
  /** The number of connections that clients have opened since the start. */
  accepted = 0;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #server: Server;
  readonly #links = new Set<FaultyLink>();
  readonly #conditions: Conditions = { stalled: new Set(), byteWise: false };
  #port = 0;

  private constructor(port: number, host: string) {
    this.#target = { host, port };
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  /** Starts a proxy that listens on a free port of 127.0.0.1. */
  static async start(targetPort: number, targetHost = '127.0.0.1'): Promise<FaultProxy> {
    const proxy = new FaultProxy(targetPort, targetHost);
    await proxy.accept();
    return proxy;
  }

  /** The port to which the client must connect. */
  get port(): number {
    return this.#port;
  }

  /** The number of open connections. */
  get open(): number {
    return this.#links.size;
  }

  /** Closes all connections in the normal way, as a server does when it stops. */
  cut(): void {
    for (const link of this.#links) link.close();
  }

  /** Resets all connections, as happens when the machine of the server has restarted. */
  reset(): void {
    for (const link of this.#links) link.reset();
  }

  /**
   * Holds all bytes until `resume`. Connections stay open, and the proxy accepts new connections, but forwards nothing.
   */
  stall(direction: Direction = 'both'): void {
    for (const each of directionsOf(direction)) this.#conditions.stalled.add(each);
  }

  /** Ends the effect of `stall`, and forwards the bytes that were held. */
  resume(): void {
    this.#conditions.stalled.clear();
    for (const link of this.#links) link.pump();
  }

  /** Drops all later bytes of the connections that are open. New connections work. */
  halfOpen(): void {
    for (const link of this.#links) link.die();
  }

  /** Forwards each byte separately. */
  byteWise(on = true): void {
    this.#conditions.byteWise = on;
  }

  /** Forwards half of the next chunk to the client, then resets the connection. Affects only open connections. */
  resetInFrame(): void {
    for (const link of this.#links) link.resetInFrame();
  }

  /** Stops listening, so that the operating system refuses new connections. */
  refuse(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close();
      // the callback of `close` would wait for the open connections
      setImmediate(resolve);
    });
  }

  /** Starts to listen. After `refuse`, the port is the same as before. */
  accept(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        this.#port = (this.#server.address() as { port: number }).port;
        resolve();
      });
    });
  }

  /** Closes the proxy and all connections. */
  async stop(): Promise<void> {
    await this.refuse();
    this.reset();
  }

  #accept(client: Socket): void {
    this.accepted++;
    const link = new FaultyLink(client, connect({ ...this.#target, allowHalfOpen: true }), this.#conditions, () =>
      this.#links.delete(link),
    );
    this.#links.add(link);
  }
}

type OneWay = Exclude<Direction, 'both'>;

interface Conditions {
  readonly stalled: Set<OneWay>;
  byteWise: boolean;
}

function directionsOf(direction: Direction): readonly OneWay[] {
  return direction === 'both' ? ['toClient', 'toServer'] : [direction];
}

/** One connection through the proxy: the sockets to the client and to the server, and the bytes between them. */
class FaultyLink {
  readonly #sockets: readonly [client: Socket, server: Socket];
  readonly #pipes: readonly Pipe[];
  #isOver = false;

  constructor(
    client: Socket,
    server: Socket,
    conditions: Conditions,
    private readonly ended: () => void,
  ) {
    this.#sockets = [client, server];
    this.#pipes = [
      new Pipe(server, client, conditions, 'toClient', () => this.reset()),
      new Pipe(client, server, conditions, 'toServer', () => this.reset()),
    ];
    for (const socket of this.#sockets) {
      socket.setNoDelay(true);
      socket.on('error', () => this.reset());
      socket.on('close', () => this.#sockets.every(({ destroyed }) => destroyed) && this.#end());
    }
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.ended();
  }

  pump(): void {
    for (const pipe of this.#pipes) pipe.pump();
  }

  die(): void {
    for (const pipe of this.#pipes) pipe.isDead = true;
  }

  resetInFrame(): void {
    this.#pipes[0]!.isToBreak = true;
  }

  close(): void {
    this.die();
    for (const socket of this.#sockets) socket.destroy();
    this.#end();
  }

  reset(): void {
    this.die();
    for (const socket of this.#sockets) socket.resetAndDestroy();
    this.#end();
  }
}

/** One direction of a connection through the proxy. */
class Pipe {
  /** True if all bytes are dropped. */
  isDead = false;
  /** True if the connection must break in the middle of the next bytes. */
  isToBreak = false;
  #kept: Buffer[] = [];
  #isEnded = false;
  #isPumping = false;

  constructor(
    from: Socket,
    private readonly to: Socket,
    private readonly conditions: Conditions,
    private readonly direction: OneWay,
    private readonly breakOff: () => void,
  ) {
    from.on('data', (chunk: Buffer) => {
      if (!this.isDead) this.#kept.push(chunk);
      this.pump();
    });
    from.on('end', () => {
      this.#isEnded = true;
      this.pump();
    });
  }

  readonly pump = (): void => {
    if (this.#isPumping || this.isDead || this.conditions.stalled.has(this.direction)) return;
    if (this.isToBreak && this.#kept.length > 0) this.#break();
    else if (this.conditions.byteWise && this.#kept.length > 0) this.#sendByte();
    else this.#sendAll();
  };

  #sendAll(): void {
    for (const chunk of this.#kept.splice(0)) this.to.write(chunk);
    if (this.#isEnded) this.to.end();
  }

  #sendByte(): void {
    const chunk = this.#kept[0]!;
    this.to.write(chunk.subarray(0, 1));
    if (chunk.length > 1) this.#kept[0] = chunk.subarray(1);
    else this.#kept.shift();
    this.#isPumping = true;
    setImmediate(() => {
      this.#isPumping = false;
      this.pump();
    });
  }

  #break(): void {
    const chunk = this.#kept[0]!;
    this.isDead = true;
    this.to.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), () => {
      // the receiver must read the first half before the connection ends
      setImmediate(() => setImmediate(this.breakOff));
    });
  }
}
