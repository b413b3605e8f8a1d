import type { Accept, PeerAddress, PeerNetwork, Transport, TransportHandler } from '../../src/ports/network.js';

/** One direction of a connection between two servers: from `owner` to `remoteAddress`. */
export interface PeerLink {
  readonly owner: string;
  readonly remoteAddress: string;
  /** The listening port to which the connection was opened. */
  readonly port: number;
  /** True if the owner opened the connection. */
  readonly isCaller: boolean;
}

/** Observes the bytes that one server writes to another: when they are sent, and when they arrive. */
export interface LinkTap {
  sent(link: PeerLink, bytes: Buffer): void;
  arrives(link: PeerLink, bytes: Buffer): void;
}

const noTap: LinkTap = { sent() {}, arrives() {} };

/** One end of a connection between two servers. */
class End implements Transport, PeerLink {
  readonly remotePort = 0;
  readonly unsentBytes = 0;
  handler: TransportHandler | undefined;
  other!: End;
  incoming: Buffer[] = [];
  isOpen = true;
  isEnding = false;
  /**
   * Set when the other side has closed the connection. The handler gets this reason after it has received all bytes.
   */
  closedReason: string | undefined;

  constructor(
    readonly peers: SimulatedPeers,
    readonly owner: string,
    readonly remoteAddress: string,
    readonly port: number,
    readonly isCaller: boolean,
  ) {}

  write(bytes: Buffer): boolean {
    if (!this.isOpen || !this.other.isOpen) return true;
    this.peers.tap.sent(this, bytes);
    this.other.incoming.push(Buffer.from(bytes));
    return true;
  }

  pause(): void {}
  resume(): void {}

  end(): void {
    this.isEnding = true;
    this.other.closedReason ??= 'ended';
    this.handler = undefined;
  }

  destroy(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.handler = undefined;
    this.other.closedReason ??= 'closed by the other side';
  }
}

interface Dialing {
  readonly from: string;
  readonly address: PeerAddress;
  readonly connected: (transport: Transport) => TransportHandler;
  readonly failed: (reason: string) => void;
  isCancelled: boolean;
}

/**
 * The network between servers, in memory. Streams lose no bytes and keep their order, but are cut into chunks of any
 * size. Bytes arrive only when the test calls `deliver`. The name of a server is also its host name.
 */
export class SimulatedPeers {
  /** Returns the size of the next chunk. Called for each chunk. */
  chunkBytes: () => number = () => 64 * 1024;
  tap: LinkTap = noTap;
  readonly #listeners = new Map<string, { owner: string; accept: Accept }>();
  #ends: End[] = [];
  #dialing: Dialing[] = [];
  /** The directions that are cut, in the form `from>to`. */
  readonly #cuts = new Set<string>();

  networkOf(name: string): PeerNetwork {
    return {
      listen: ({ port }, accept, { listening }) => {
        const key = `${name}:${port}`;
        this.#listeners.set(key, { owner: name, accept });
        listening();
        return () => this.#listeners.delete(key);
      },
      dial: (address, connected, failed) => {
        const dialing: Dialing = { from: name, address, connected, failed, isCancelled: false };
        this.#dialing.push(dialing);
        return () => {
          dialing.isCancelled = true;
        };
      },
    };
  }

  /** Holds all messages of `from` to `to` until `heal` is called. No message is lost. */
  cut(from: string, to: string): void {
    this.#cuts.add(`${from}>${to}`);
  }

  /** Cuts the network between `name` and all other servers, in both directions. */
  isolate(name: string, names: readonly string[]): void {
    for (const other of names) {
      if (other === name) continue;
      this.cut(name, other);
      this.cut(other, name);
    }
  }

  heal(): void {
    this.#cuts.clear();
  }

  /** Simulates the end of a process. Its connections are reset, and messages in flight may be lost. */
  crash(name: string): void {
    for (const [key, { owner }] of this.#listeners) if (owner === name) this.#listeners.delete(key);
    for (const dialing of this.#dialing) if (dialing.from === name) dialing.isCancelled = true;
    for (const end of this.#ends) {
      if (end.owner !== name) continue;
      end.isOpen = false;
      end.handler = undefined;
      end.other.closedReason ??= 'connection reset';
    }
  }

  /** Breaks all connections between two servers, with the messages in flight. The servers may connect again. */
  reset(one: string, other: string): void {
    for (const end of this.#ends) {
      if (!((end.owner === one && end.remoteAddress === other) || (end.owner === other && end.remoteAddress === one)))
        continue;
      end.incoming = [];
      end.closedReason ??= 'connection reset';
    }
  }

  /**
   * Opens the dialled connections and delivers one chunk on each connection. Returns false if there was nothing to do.
   */
  deliver(): boolean {
    const dialing = this.#dialing;
    this.#dialing = [];
    for (const each of dialing) this.#connect(each);
    let moved = dialing.length > 0;
    for (const end of [...this.#ends]) if (this.#deliverTo(end)) moved = true;
    this.#ends = this.#ends.filter((end) => end.isOpen || end.other.isOpen);
    return moved;
  }

  #connect({ from, address, connected, failed, isCancelled }: Dialing): void {
    if (isCancelled) return;
    const listener = this.#listeners.get(`${address.host}:${address.port}`);
    if (listener === undefined || this.isCut(from, address.host) || this.isCut(address.host, from)) {
      failed('connection refused');
      return;
    }
    const near = new End(this, from, address.host, address.port, true);
    const far = new End(this, address.host, from, address.port, false);
    near.other = far;
    far.other = near;
    far.handler = listener.accept(far);
    if (far.handler === undefined) {
      far.isOpen = false;
      failed('connection closed');
      return;
    }
    this.#ends.push(near, far);
    near.handler = connected(near);
  }

  isCut(from: string, to: string): boolean {
    return this.#cuts.has(`${from}>${to}`);
  }

  #deliverTo(end: End): boolean {
    if (!end.isOpen || this.isCut(end.remoteAddress, end.owner)) return false;
    const chunk = end.incoming.shift();
    if (chunk !== undefined) {
      const size = Math.max(1, Math.min(chunk.length, this.chunkBytes()));
      if (size < chunk.length) end.incoming.unshift(chunk.subarray(size));
      this.tap.arrives(end.other, chunk.subarray(0, size));
      // overwrite the chunk after the call, because the receiver must not use a chunk after `receive` returns
      const lent = Buffer.from(chunk.subarray(0, size));
      end.handler?.receive(lent);
      lent.fill(0xee);
      return true;
    }
    if (end.closedReason === undefined) return false;
    const { handler } = end;
    end.isOpen = false;
    end.handler = undefined;
    handler?.closed(end.closedReason);
    return true;
  }
}
