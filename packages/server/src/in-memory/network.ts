import type { Accept, PeerAddress, PeerNetwork, Transport, TransportHandler } from '../ports/network.js';
import { End, type Tap } from './connection.js';
import type { Process } from './process.js';
import type { Timeline } from './timeline.js';

/** A machine on the network, on or off. Its ports are open only while its process runs. */
export interface Host {
  readonly process: Process;
  /** False after a power failure. A machine that is off does not even refuse connections. */
  isOn: boolean;
  /** The address that other machines see; the name of the machine by default. */
  readonly address?: string;
}

/** The delays of the network and the rates of its faults in a run. */
export interface NetworkRates {
  /** The least delay of a chunk. */
  readonly delayMsMin: number;
  /** The additional delay of most chunks is at most this number. A few chunks take longer. */
  readonly delayMs: number;
  /** The time between two chunks of a connection that arrive one after the other. */
  readonly gapMs: number;
  /** The time between two attempts to deliver a chunk to a connection that has no handler yet. */
  readonly handlerMs: number;
  /** The probability that a chunk is split. */
  readonly cut: number;
  /** The number of bytes in flight at which a sender must wait. */
  readonly windowBytes: number;
  /** The probability that a process loses its last written bytes when it closes a connection or is killed. */
  readonly tailLost: number;
}

/** The additional delay of a lagging link in milliseconds, and the time when the lag ends. */
interface Lag {
  untilMs: number;
  ms: number;
}

const connectTimeoutMs = 5000;
const synRetryMs = 500;

/**
 * TCP between machines: ordered streams, delays for each direction, and chunks split anywhere. Connections break on one
 * or both sides, with or without losing data in flight. Each direction can be cut and heals later.
 */
export class Network {
  readonly hosts = new Map<string, Host>();
  readonly random: () => number;
  rates: NetworkRates;
  tap: Tap = () => {};
  /** Can replace the bytes of a write by other bytes. By default, the bytes stay as they are. */
  spoil: (end: End, bytes: Buffer) => Buffer = (_, bytes) => bytes;
  readonly #listeners = new Map<string, Accept>();
  readonly ends = new Set<End>();
  readonly #cuts = new Map<string, number>();
  readonly #lags = new Map<string, Lag>();

  constructor(
    readonly world: Timeline,
    rates: NetworkRates,
    random: () => number,
  ) {
    this.rates = rates;
    this.random = random;
  }

  // ---- ports

  listen(name: string, port: number, accept: Accept): () => void {
    const key = `${name}:${port}`;
    this.#listeners.set(key, accept);
    return () => {
      if (this.#listeners.get(key) === accept) this.#listeners.delete(key);
    };
  }

  peersOf(name: string): PeerNetwork {
    return {
      listen: ({ port }, accept, { listening }) => {
        listening();
        return this.listen(name, port, accept);
      },
      dial: (address, connected, failed) => this.dial(name, address, connected, failed),
    };
  }

  dial(
    from: string,
    address: PeerAddress,
    connected: (transport: Transport) => TransportHandler,
    failed: (reason: string) => void,
  ): () => void {
    const { process } = this.hosts.get(from)!;
    let isOver = false;
    const startMs = this.world.nowMs;
    const fail = (reason: string) =>
      process.post(0, () => {
        if (isOver) return;
        isOver = true;
        failed(reason);
      });
    const knock = () => {
      if (isOver) return;
      const host = this.hosts.get(address.host);
      if (host === undefined) fail(`there is no machine ${address.host}`);
      else if (!host.isOn || this.isCut(from, address.host) || this.isCut(address.host, from)) {
        if (this.world.nowMs - startMs >= connectTimeoutMs) fail(`no answer for ${connectTimeoutMs} ms`);
        else process.post(synRetryMs, knock);
      } else if (!host.process.isUp || !this.#listeners.has(`${address.host}:${address.port}`)) {
        fail('ECONNREFUSED');
      } else {
        this.#meet(from, address, (end) => {
          if (isOver) return end.abandon();
          // the connection was reset before its handler could be notified
          if (end.isOver) return fail('ECONNRESET');
          isOver = true;
          end.handler = connected(end);
        });
      }
    };
    process.post(this.delayMs(from, address.host) * 2, knock);
    return () => {
      isOver = true;
    };
  }

  #meet(from: string, address: PeerAddress, connected: (end: End) => void): void {
    const near = new End(this, from, address.host, address.port, true);
    const far = new End(this, address.host, from, address.port, false);
    near.other = far;
    far.other = near;
    this.ends.add(near);
    this.ends.add(far);
    far.process.post(0, () => {
      if (far.isOver) return;
      const handler = this.#listeners.get(`${address.host}:${address.port}`)?.(far);
      if (handler === undefined) far.destroy();
      else far.handler = handler;
    });
    near.process.post(this.delayMs(address.host, from), () => connected(near));
  }

  // ---- delays and cuts

  delayMs(from: string, to: string): number {
    const lag = this.#lags.get(`${from}>${to}`);
    const lagMs = lag !== undefined && lag.untilMs > this.world.nowMs ? lag.ms : 0;
    const tail = this.random() < 0.05 ? 8 : 1;
    return this.rates.delayMsMin + this.random() * this.rates.delayMs * tail + lagMs * (0.5 + this.random());
  }

  isCut(from: string, to: string): boolean {
    return (this.#cuts.get(`${from}>${to}`) ?? 0) > this.world.nowMs;
  }

  /** For a while, data from `from` does not reach `to`. The data is not lost, because TCP retransmits it. */
  cut(from: string, to: string, durationMs: number): void {
    const key = `${from}>${to}`;
    const untilMs = this.world.nowMs + durationMs;
    this.#cuts.set(key, Math.max(untilMs, this.#cuts.get(key) ?? 0));
    this.world.after(durationMs + 1, () => this.#flow());
  }

  lag(from: string, to: string, ms: number, durationMs: number): void {
    this.#lags.set(`${from}>${to}`, { ms, untilMs: this.world.nowMs + durationMs });
  }

  heal(): void {
    this.#cuts.clear();
    this.#lags.clear();
    this.#flow();
  }

  #flow(): void {
    for (const end of this.ends) end.pump();
  }

  // ---- faults

  /**
   * Breaks the connections between two machines. `sides` tells which side is notified. A side that is not notified
   * notices when it writes.
   */
  reset(one: string, other: string, sides: 'both' | 'first' = 'both'): void {
    for (const end of [...this.ends]) {
      if (end.owner !== one || end.remoteHost !== other) continue;
      if (sides === 'both') end.other.breaks('ECONNRESET');
      else end.other.losesIncoming();
      end.breaks('ECONNRESET');
    }
  }

  /**
   * Loses the data that one machine has sent and the other has not read yet. After this call, one of the two processes
   * must end.
   */
  lose(from: string, to: string): void {
    for (const end of this.ends) if (end.owner === from && end.remoteHost === to) end.other.losesIncoming();
  }

  /** Called when the process of a machine is gone: it was killed, or the power of the machine has failed. */
  gone(name: string, how: 'kill' | 'power'): void {
    for (const key of [...this.#listeners.keys()]) if (key.startsWith(`${name}:`)) this.#listeners.delete(key);
    for (const end of [...this.ends]) if (end.owner === name) end.orphan(how);
  }
}
