import type { ClientOptions, WatchCallback, ZooKeeper } from '@nodekeeper/client';
import { Failure } from '../failure.js';
import { formatWatchEvent, type ShownEvent } from '../format/watch-event.js';
import type { Io } from '../io.js';
import type { Output } from '../output.js';
import { Requests } from '../requests.js';

/** How long a server that is there needs at most to open a session, by experience. */
export const firstConnectMs = 500;

/** The session of the shell, and what is printed about it. */
export class Connection {
  /** `printwatches`. */
  printsEvents = true;
  servers = '';
  readonly #io: Io;
  readonly #output: Output;
  readonly #options: ClientOptions;
  readonly #connectWaitMs: number;
  #zk: ZooKeeper | undefined;
  /** No server has answered yet. */
  #isNew = false;

  /** With `connectWaitMs` other than 0 a session must be there within that time when one is opened. */
  constructor(io: Io, output: Output, options: ClientOptions, connectWaitMs: number) {
    this.#io = io;
    this.#output = output;
    this.#options = options;
    this.#connectWaitMs = connectWaitMs;
  }

  get state(): string {
    return this.#zk?.state ?? 'NOT_CONNECTED';
  }

  get isAlive(): boolean {
    return this.#zk !== undefined && this.state !== 'CLOSED' && this.state !== 'AUTH_FAILED';
  }

  get isConnected(): boolean {
    return this.state.startsWith('CONNECTED');
  }

  /** Leaves the session there is, and begins one with these servers. */
  async open(servers: string): Promise<void> {
    if (this.isAlive) await this.close();
    this.servers = servers;
    const zk = this.#io.openClient(servers, this.#options);
    this.#zk = zk;
    this.#isNew = true;
    zk.on('state', ({ event }) => {
      const isFirst = this.#isNew;
      this.#isNew = false;
      this.#show({ state: event, type: 'None', path: null, zxid: -1 }, isFirst);
    });
    if (this.#connectWaitMs > 0 && !(await this.settle(this.#connectWaitMs))) {
      await zk.close();
      throw new Failure(`KeeperErrorCode = ConnectionLoss: no connection to ${servers} in ${this.#connectWaitMs} ms`);
    }
  }

  /** As Apache's client does it: a session that is just being opened is opened first. */
  async close(): Promise<void> {
    if (this.#isNew) await this.settle(firstConnectMs);
    await this.#zk?.close();
  }

  /** Waits that long at most for the session; whether there is one. */
  async settle(timeoutMs: number): Promise<boolean> {
    await this.#zk?.connected({ timeoutMs }).catch(() => {});
    return this.isConnected;
  }

  /** For one command, which ends when the signal says so. */
  requests(signal: AbortSignal): Requests {
    return new Requests(this.#zk!, this.servers.split(',').length, signal, this.#onWatch);
  }

  /** One function for all watches: an event that several of them would see is printed once. */
  readonly #onWatch: WatchCallback = ({ type, path, zxid }) => {
    // a repair of our client's that Apache's shell knows nothing of
    if (type !== 'PossiblyMissed') this.#show({ state: 'SyncConnected', type, path, zxid }, false);
  };

  #show(event: ShownEvent, isFirst: boolean): void {
    if (!this.printsEvents) return;
    if (this.#output.isJson && isFirst && event.state === 'SyncConnected') return;
    const value = event.type === 'None' ? { state: event.state } : { event };
    this.#output.event(formatWatchEvent(event), value, event.type === 'None' ? 'stderr' : 'stdout');
  }
}
