import { addressText, type Link, type LinkHandler, type ServerAddress } from '@nodekeeper/client/testing';
import type { Process } from '@nodekeeper/server/testing';
import type { World } from './world.js';

/** The server's side of a connection. */
export interface ServerEnd {
  received(bytes: Buffer): void;
  closed(): void;
}

/**
 * How a host treats a new connection. `up` accepts it, and `refusing` refuses it. `silent` accepts it without any reply
 * (a paused process). `unreachable` does not even accept it (packets are lost).
 */
export type HostMode = 'up' | 'refusing' | 'silent' | 'unreachable';

export interface Host {
  mode: HostMode;
  accept(link: SimulatedLink): ServerEnd;
}

export class Network {
  readonly hosts = new Map<string, Host>();
  readonly links: SimulatedLink[] = [];
  /** The maximum delay of a packet in milliseconds. A fault can raise it for a while. */
  delayMsMax = 3;

  constructor(readonly world: World) {}

  dial(server: ServerAddress, handler: LinkHandler, process: Process<World>, clientIndex: number): SimulatedLink {
    const host = this.hosts.get(addressText(server))!;
    const link = new SimulatedLink(this, handler, process, clientIndex, addressText(server));
    this.links.push(link);
    this.world.after(this.delayMs(), () => link.meet(host));
    return link;
  }

  heal(): void {
    this.delayMsMax = 3;
    for (const link of this.links)
      for (const direction of directions) link.resetAfter(direction, Number.POSITIVE_INFINITY);
  }

  delayMs(): number {
    return this.world.random() * this.delayMsMax;
  }
}

type Cut = 'whole' | 'anywhere' | 'bytewise';
const directions = ['toServer', 'toClient'] as const;
type Direction = (typeof directions)[number];

/** A connection with two streams of bytes. Each stream has its own delays, splits and faults. */
export class SimulatedLink implements Link {
  /** False after a fault that gives either side a reason to drop the connection. */
  isHealthy = true;
  lastHeardMs = Number.NEGATIVE_INFINITY;
  readonly dialedMs: number;
  /** The number of credentials that the client had when it dialled. */
  authsDue = 0;
  /** The number of credentials that the server has received on this connection. */
  authsKnown = 0;
  /** Called before the client receives bytes. */
  onHeard: () => void = () => {};
  /** Called just before the client destroys the connection. */
  onDestroy: () => void = () => {};
  isOver = false;
  #isLetGo = false;
  #isCut = false;
  #server: ServerEnd | undefined;
  readonly #cut: Cut;
  readonly #queues: Record<Direction, (Buffer | 'end')[]> = { toServer: [], toClient: [] };
  readonly #lastMs: Record<Direction, number> = { toServer: 0, toClient: 0 };
  /** The number of bytes that still arrive in each direction before the connection is reset. */
  readonly #bytesLeft: Record<Direction, number> = {
    toServer: Number.POSITIVE_INFINITY,
    toClient: Number.POSITIVE_INFINITY,
  };
  readonly #stalled: Record<Direction, boolean> = { toServer: false, toClient: false };

  constructor(
    readonly network: Network,
    readonly handler: LinkHandler,
    readonly process: Process<World>,
    readonly clientIndex: number,
    readonly address: string,
  ) {
    const { random, nowMs } = network.world;
    const draw = random();
    this.#cut = draw < 0.6 ? 'whole' : draw < 0.9 ? 'anywhere' : 'bytewise';
    this.dialedMs = nowMs;
  }

  get #world(): World {
    return this.network.world;
  }

  meet(host: Host): void {
    if (this.isOver) return;
    if (host.mode !== 'up') this.isHealthy = false;
    if (host.mode === 'unreachable') return;
    if (host.mode === 'refusing') {
      this.#tell(() => this.#close('connection refused'));
      return;
    }
    if (host.mode === 'up') this.#server = host.accept(this);
    this.#tell(() => this.handler.connected());
  }

  #tell(work: () => void): void {
    this.process.post(0, () => this.isOver || work());
  }

  #close(reason: string): void {
    this.isOver = true;
    this.handler.closed(reason);
  }

  // ---- the client's side

  write(bytes: Buffer): boolean {
    if (this.isOver) throw new Error('a write to a destroyed link');
    const isKept = this.#world.chance(0.05);
    this.#send('toServer', isKept ? bytes : Buffer.from(bytes));
    if (!isKept) bytes.fill(0xee);
    return !isKept;
  }

  destroy(): void {
    if (this.#isLetGo) return;
    this.#isLetGo = true;
    this.onDestroy();
    if (this.isOver) return;
    this.isOver = true;
    if (this.#world.chance(0.5)) this.#queues.toServer.length = 0;
    this.#send('toServer', 'end');
  }

  // ---- the server's side

  reply(bytes: Buffer): void {
    this.#send('toClient', bytes);
  }

  /** Ends the stream to the client after the bytes that are already written. */
  end(): void {
    this.#server = undefined;
    this.#send('toClient', 'end');
  }

  // ---- between the sides

  #send(direction: Direction, item: Buffer | 'end'): void {
    if (this.#isCut) return;
    this.#queues[direction].push(item);
    const { nowMs } = this.#world;
    const dueMs = Math.max(this.#lastMs[direction], nowMs + this.network.delayMs());
    this.#lastMs[direction] = dueMs;
    this.#world.after(dueMs - nowMs, () => this.#arrive(direction));
  }

  #arrive(direction: Direction): void {
    if (this.#stalled[direction]) return;
    if (direction === 'toServer') this.#takeForServer();
    else this.process.post(0, () => this.#takeForClient());
  }

  #takeForServer(): void {
    const item = this.#queues.toServer.shift();
    const server = this.#server;
    if (item === undefined || server === undefined) return;
    if (item === 'end') {
      this.#server = undefined;
      server.closed();
      return;
    }
    server.received(item.subarray(0, this.#bytesLeft.toServer));
    this.#count('toServer', item.length);
  }

  #count(direction: Direction, bytes: number): void {
    this.#bytesLeft[direction] -= bytes;
    if (this.#bytesLeft[direction] <= 0) this.reset(0);
  }

  #takeForClient(): void {
    if (this.isOver || this.#stalled.toClient) return;
    const queue = this.#queues.toClient;
    const item = queue.shift();
    if (item === undefined) return;
    if (item === 'end') {
      this.isHealthy = false;
      this.#close('the server closed the connection');
      return;
    }
    this.lastHeardMs = this.#world.nowMs;
    this.onHeard();
    this.#hand(this.#world.chance(0.3) ? this.#withNext(item, queue) : item);
  }

  /** Joins an item with the data that directly follows it, so that both arrive in one chunk. */
  #withNext(item: Buffer, queue: (Buffer | 'end')[]): Buffer {
    const parts = [item];
    while (queue.length > 0 && queue[0] !== 'end') parts.push(queue.shift() as Buffer);
    return Buffer.concat(parts);
  }

  #hand(bytes: Buffer): void {
    for (let at = 0; at < bytes.length && !this.isOver; ) {
      const rest = bytes.length - at;
      const size = this.#cut === 'whole' ? rest : this.#cut === 'bytewise' ? 1 : this.#world.between(1, rest);
      const chunk = bytes.subarray(at, at + Math.min(size, this.#bytesLeft.toClient));
      if (chunk.length === 0) return;
      this.handler.received(chunk);
      chunk.fill(0xee); // reveals code that still uses the chunk after the call
      at += chunk.length;
      this.#count('toClient', chunk.length);
    }
  }

  // ---- faults

  /**
   * Resets the connection. The data in flight is lost in both directions, but the first `writesKept` writes still reach
   * the server.
   */
  reset(writesKept = this.#world.chance(0.3) ? 1 : 0): void {
    if (this.#isCut) return;
    this.isHealthy = false;
    this.#isCut = true; // after lost data, nothing may arrive
    const { toServer, toClient } = this.#queues;
    toServer.length = Math.min(writesKept, toServer.length);
    toClient.length = 0;
    this.#queues.toServer.push('end');
    this.#world.after(this.network.delayMs(), () => {
      while (this.#server !== undefined && toServer.length > 0) this.#takeForServer();
    });
    this.#world.after(this.network.delayMs(), () => this.#tell(() => this.#close('connection reset')));
  }

  /** Resets the connection after this many bytes, which may be in the middle of a message. */
  resetAfter(direction: Direction, bytes: number): void {
    this.#bytesLeft[direction] = bytes;
  }

  /** Holds the bytes in flight in this direction until `resume` is called, or permanently. */
  stall(direction: Direction): void {
    this.isHealthy = false;
    this.#stalled[direction] = true;
  }

  resume(): void {
    for (const direction of directions) {
      this.#stalled[direction] = false;
      for (let count = this.#queues[direction].length; count > 0; count--) this.#arrive(direction);
    }
  }
}
