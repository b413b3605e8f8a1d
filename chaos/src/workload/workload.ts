import type { History } from '../history/history.js';
import { Random } from '../random.js';
import { now, sleep } from '../time.js';
import { Keys } from './keys.js';
import { LockRecord, LockWork, lockFolder } from './locks.js';
import { Party } from './party.js';
import { PipelineWork } from './pipelines.js';
import { ReadWork, RegisterWork } from './registers.js';

/** The timeout that clients request. The servers grant up to 20 ticks, which is 10,000 ms. */
export const sessionTimeoutMs = 8_000;
const rotationMs = 8_000;

interface Work {
  once(): Promise<void>;
  /** Resolves when every request has a reply or was given up. */
  end?(): Promise<void>;
}

interface Worker {
  readonly party: Party;
  readonly work: Work;
  /** The longest pause between two calls of `once`, in ms. */
  readonly pauseMs: number;
  readonly isReader: boolean;
}

/** The clients of a run. Each has its own session, and works until `stop` is called. */
export class Workload {
  readonly keys = new Keys();
  readonly locks = new LockRecord();
  readonly #workers: Worker[] = [];
  readonly #random: Random;
  #running: Promise<unknown> = Promise.resolve();
  #isStopped = false;
  #rotatedMs = 0;
  #calmUntilMs = 0;

  constructor(
    private readonly hosts: readonly string[],
    history: History,
    seed: number,
  ) {
    this.#random = new Random(seed);
    const { keys, locks } = this;
    for (let number = 1; number <= 5; number++) {
      const work = (party: Party, random: Random) => new RegisterWork(party, history, keys, random);
      this.#add(`register-${number}`, 25, work, number <= 3 ? number : undefined);
    }
    for (let number = 1; number <= 3; number++) {
      this.#add(`reader-${number}`, 50, (party, random) => new ReadWork(party, history, keys, random), number);
    }
    for (let number = 1; number <= 2; number++) {
      this.#add(`pipeline-${number}`, 100, (party, random) => new PipelineWork(party, history, keys, random));
      this.#add(`lock-${number}`, 60, (party, random) => new LockWork(party, locks, random));
    }
  }

  /**
   * Adds a client. With `staysAt` the client connects only to that server, so that each server has some clients. The
   * other clients can move, and gather at healthy servers.
   */
  #add(name: string, pauseMs: number, work: (party: Party, random: Random) => Work, staysAt?: number): void {
    const hosts = staysAt === undefined ? this.hosts : [this.hosts[staysAt % this.hosts.length]!];
    const party = new Party(name, hosts.join(','), sessionTimeoutMs);
    const isReader = name.startsWith('reader');
    this.#workers.push({ party, work: work(party, new Random(this.#random.below(2 ** 31))), pauseMs, isReader });
  }

  get parties(): Party[] {
    return this.#workers.map(({ party }) => party);
  }

  /** Creates the parent nodes that the clients use. Returns false if no server serves within `limitMs`. */
  async prepare(limitMs: number): Promise<boolean> {
    const { party } = this.#workers[0]!;
    if (!(await party.ready(limitMs))) return false;
    for (const path of ['/chaos', '/chaos/registers', '/chaos/private', lockFolder]) await party.zk.create(path);
    return true;
  }

  start(): void {
    this.#rotatedMs = now();
    this.#running = Promise.all(this.#workers.map((worker) => this.#run(worker)));
  }

  /** Pauses all clients except the readers for `forMs`, so that the writes in flight end and no new ones follow. */
  calm(forMs: number): void {
    this.#calmUntilMs = now() + forMs;
  }

  async #run({ party, work, pauseMs, isReader }: Worker): Promise<void> {
    const random = new Random(this.#random.below(2 ** 31));
    while (!this.#isStopped) {
      if (now() - this.#rotatedMs > rotationMs) this.#rotate();
      if (await party.ready()) await work.once();
      // sometimes the client closes its session, so that not all sessions end by expiry
      if (!isReader && random.below(1000) < 3) await party.close();
      await sleep(random.below(pauseMs));
      if (!isReader && now() < this.#calmUntilMs) await sleep(this.#calmUntilMs - now());
    }
    await work.end?.();
  }

  #rotate(): void {
    this.#rotatedMs = now();
    this.keys.rotate(this.#rotatedMs);
  }

  /** Describes the sessions that ended unexpectedly. */
  get problems(): string[] {
    return this.parties.flatMap(({ problem }) => (problem === undefined ? [] : [problem]));
  }

  /** Stops the clients. Resolves when every request has a reply or was given up. The sessions remain open. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
  }

  async close(): Promise<void> {
    await Promise.all(this.parties.map((party) => party.close()));
  }
}
