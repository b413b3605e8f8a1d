import * as timers from 'node:timers';
import { type Ports, type Scheduler, ZooKeeper } from '@nodekeeper/client';
import { type LocalEnsemble, memoryClientPort } from '@nodekeeper/server/local';
import type { TestClock } from './clock.js';
import { type ClientMachine, MemoryLink } from './memory-link.js';
import type { TestClientOptions } from './options.js';

// A test may replace these functions by those of a fake clock. The clients must not stop then.
const { setTimeout, clearTimeout } = timers;
const { nextTick } = process;
const realNowMs = performance.now.bind(performance);

const realScheduler: Scheduler = {
  monotonicMs: realNowMs,
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
  readonly #machines = new Map<ZooKeeper, ClientMachine>();
  /** The clients that stay connected when a test ends. */
  #kept = new Set<ZooKeeper>();
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
    const { machine, ports } = this.#addMachine();
    const zk = new ZooKeeper(`${address}${chroot}`, { reconnectDelayMs, ...options, ports });
    this.#machines.set(zk, machine);
    const { connectTimeoutMs = 30_000 } = options;
    try {
      await this.#clock.until(zk.connected({ timeoutMs: connectTimeoutMs }), connectTimeoutMs + 1);
      return zk;
    } catch (error) {
      this.#machines.delete(zk);
      void zk.close({ timeoutMs: 1 });
      throw error;
    }
  }

  /** Returns clock, random numbers and network for a client that the test makes itself. */
  ports(): Ports {
    return this.#addMachine().ports;
  }

  #addMachine(): { readonly machine: ClientMachine; readonly ports: Ports } {
    const machine = { host: `c${++this.#count}`, losesReplies: false };
    const local = this.#local;
    const process = local.addHost(machine.host);
    process.begin();
    const byAddress = new Map(local.addresses.map((address, index) => [address, local.servers[index]!.name]));
    const ports: Ports = {
      scheduler: local.options.transport === 'memory' ? process : realScheduler,
      random: this.#random,
      dial: (address, handler) => {
        const name = byAddress.get(`${address.host}:${address.port}`) ?? address.host;
        return new MemoryLink(local, machine, { host: name, port: memoryClientPort }, handler);
      },
    };
    return { machine, ports };
  }

  /** The machine of a client that the kit has connected. */
  hostOf(zk: ZooKeeper): string | undefined {
    return this.#machines.get(zk)?.host;
  }

  loseReplies(zk: ZooKeeper, isSo: boolean): void {
    this.#machines.get(zk)!.losesReplies = isSo;
  }

  losingReplies(): ZooKeeper[] {
    return [...this.#machines].filter(([, { losesReplies }]) => losesReplies).map(([zk]) => zk);
  }

  // ---- the end of clients

  /** From now on, `closeNew` does not close the present clients. */
  keepPresent(): void {
    this.#kept = new Set(this.#machines.keys());
  }

  /** Ends the sessions of the clients that were connected since `keepPresent`. */
  async closeNew(): Promise<void> {
    const clients = [...this.#machines.keys()].filter((zk) => !this.#kept.has(zk));
    for (const zk of clients) this.#machines.delete(zk);
    const closed = Promise.all(clients.map((zk) => zk.close({ timeoutMs: closeLimitMs })));
    await this.#clock.until(closed, closeLimitMs + 1);
  }

  /** Closes all clients. The servers are not told, because they end too. */
  async close(): Promise<void> {
    const clients = [...this.#machines.keys()];
    this.#machines.clear();
    const closed = Promise.all(clients.map((zk) => zk.close({ timeoutMs: closeLimitMs, keepSession: true })));
    await this.#clock.until(closed, closeLimitMs + 1);
  }
}
