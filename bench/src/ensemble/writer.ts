/**
 * Writes without a pause, and changes to the next server when a write fails. Measures the longest time without a
 * successful write.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { setFrame } from '../frames.js';
import { SetupConnection } from '../setup-connection.js';

/** The limit for one reply. A server that is starting or stopping may accept a connection and never reply. */
const ANSWER_MS = 300;
const RETRY_MS = 5;
const path = '/failover';

export class Writer {
  /** The longest time between two successful writes since the last reset. */
  longestGapMs = 0;
  writes = 0;
  readonly #ports: readonly number[];
  #succeededMs = performance.now();
  #next = 0;
  #isStopped = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(ports: readonly number[]) {
    this.#ports = ports;
  }

  start(): void {
    this.#ended = this.#run();
  }

  resetGap(): void {
    this.longestGapMs = 0;
    this.#succeededMs = performance.now();
  }

  /** Resolves when the next write has succeeded. */
  async untilWritten(): Promise<void> {
    const { writes } = this;
    while (this.writes === writes) await delay(1);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const connection = new SetupConnection(this.#ports[this.#next++ % this.#ports.length]!);
      try {
        await this.#write(connection);
      } catch {
        await delay(RETRY_MS);
      } finally {
        connection.socket.destroy();
      }
    }
  }

  async #write(connection: SetupConnection): Promise<void> {
    await inTime(connection, () => connection.open());
    await inTime(connection, () => connection.create(path, Buffer.alloc(0)));
    const frame = setFrame(path, Buffer.alloc(100, 'w'));
    while (!this.#isStopped) {
      const error = await inTime(connection, () => connection.request(frame));
      if (error !== 0) throw new Error(`a write got error ${error}`);
      const nowMs = performance.now();
      this.longestGapMs = Math.max(this.longestGapMs, nowMs - this.#succeededMs);
      this.#succeededMs = nowMs;
      this.writes++;
    }
  }
}

async function inTime<Result>(connection: SetupConnection, work: () => Promise<Result>): Promise<Result> {
  const timer = setTimeout(() => connection.socket.destroy(new Error('no reply in time')), ANSWER_MS);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
