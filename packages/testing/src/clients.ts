import { type Ports, type Scheduler, ZooKeeper } from '@nodekeeper/client';
import { type LocalEnsemble, memoryClientPort } from '@nodekeeper/server/local';
import type { TestClock } from './clock.js';
import { MemoryLink } from './memory-link.js';
import type { TestClientOptions } from './options.js';

// A test may replace these functions by a clock of its own. The clients must not stop then.
const { setTimeout, clearTimeout } = globalThis;
const { nextTick } = process;

const realScheduler: Scheduler = {
  monotonicMs: () => performance.now(),
  nextTurn: (work) => nextTick(work),
  after(delayMs, work) {
    const timer = setTimeout(work, Math.min(delayMs, 0x7fffffff));
    return () => clearTimeout(timer);
  },
};
/** A client reconnects soon, so that tests need not wait. */
const reconnectDelayMs = { base: 5, max: 50 };
const closeLimitMs = 1000;

/** The clients of a test. Each client is a machine of its own in the network in memory. */
export class Clients {
  readonly #local: LocalEnsemble;
  readonly #clock: TestClock;
  readonly #random: () => number;
  readonly #hosts = new Map<ZooKeeper, string>();
  #count = 0;

  constructor(local: LocalEnsemble, clock: TestClock, random: () => number) {
    this.#local = local;
    this.#clock = clock;
    this.#random = random;
  }

  /** Connects a client. Resolves when it has a session. */
  async connect({ server, chroot = '', ...options }: TestClientOptions = {}): Promise<ZooKeeper> {
    const { addresses } = this.#local;
    const address = server === undefined ? addresses.join() : addresses[server - 1];
    if (address === undefined) throw new Error(`connect: there is no server ${server}`);
    const { host, ports } = this.#machine();
    const zk = new ZooKeeper(`${address}${chroot}`, { reconnectDelayMs, ...options, ports });
    this.#hosts.set(zk, host);
    const { connectTimeoutMs = 30_000 } = options;
    try {
      await this.#clock.until(zk.connected({ timeoutMs: connectTimeoutMs }), connectTimeoutMs + 1);
      return zk;
    } catch (error) {
      this.#hosts.delete(zk);
      void zk.close({ timeoutMs: 1 });
      throw error;
    }
  }

  /** Returns clock, random numbers and network for a client that the test makes itself. */
  ports(): Ports {
    return this.#machine().ports;
  }

  #machine(): { readonly host: string; readonly ports: Ports } {
    const host = `c${++this.#count}`;
    const local = this.#local;
    const process = local.addHost(host);
    process.begin();
    const byAddress = new Map(local.addresses.map((address, index) => [address, local.servers[index]!.name]));
    const ports: Ports = {
      scheduler: local.options.transport === 'memory' ? process : realScheduler,
      random: this.#random,
      dial: (address, handler) => {
        const name = byAddress.get(`${address.host}:${address.port}`) ?? address.host;
        return new MemoryLink(local, host, { host: name, port: memoryClientPort }, handler);
      },
    };
    return { host, ports };
  }

  /** The machine of a client that the kit has connected. */
  hostOf(zk: ZooKeeper): string | undefined {
    return this.#hosts.get(zk);
  }

  /** Closes all clients. A client without a connection is closed without telling the servers. */
  async close(): Promise<void> {
    const clients = [...this.#hosts.keys()];
    this.#hosts.clear();
    const closed = Promise.all(clients.map((zk) => zk.close({ timeoutMs: closeLimitMs, keepSession: true })));
    await this.#clock.until(closed, closeLimitMs + 1);
  }
}
