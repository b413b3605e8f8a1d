import type { ClientOptions, WatchCallback, ZooKeeper } from '@nodekeeper/client';
import { Failure } from '../failure.js';
import { formatWatchEvent, type ShownEvent } from '../format/watch-event.js';
import type { Io } from '../io.js';
import type { Output } from '../output.js';
import { Requests } from '../requests.js';

/** The time in which a reachable server usually opens a session. The value is from experience. */
export const firstConnectMs = 500;

/** The shell's session. Prints the events of the session and of its watches. */
export class Connection {
  /** True if events are printed. The command `printwatches` changes it. */
  printsEvents = true;
  servers = '';
  readonly #io: Io;
  readonly #output: Output;
  readonly #options: ClientOptions;
  readonly #connectWaitMs: number;
  #zk: ZooKeeper | undefined;
  /** True from the opening of a session until the session reports its first state. */
  #isNew = false;

  /** If `connectWaitMs` is not 0, `open` fails unless the session is connected within that time. */
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

  /** Closes the current session, if there is one, and opens a session with these servers. */
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

  /** Closes the session. Like ZooKeeper's Java client, first waits for a session that is still being opened. */
  async close(): Promise<void> {
    if (this.#isNew) await this.settle(firstConnectMs);
    await this.#zk?.close();
  }

  /** Waits until the session is connected, but no longer than the timeout. Returns true if it is connected. */
  async settle(timeoutMs: number): Promise<boolean> {
    await this.#zk?.connected({ timeoutMs }).catch(() => {});
    return this.isConnected;
  }

  /** Returns the requests of one command. `signal` aborts them. */
  requests(signal: AbortSignal): Requests {
    return new Requests(this.#zk!, this.servers.split(',').length, signal, this.#onWatch);
  }

  /**
   * The callback of all watches. An event that matches several watches is printed once, because they share this
   * callback.
   */
  readonly #onWatch: WatchCallback = ({ type, path, zxid }) => {
    // Skip `PossiblyMissed`, which only nodekeeper's client emits, after a lost connection. ZooKeeper's shell would not
    // print it.
    if (type !== 'PossiblyMissed') this.#show({ state: 'SyncConnected', type, path, zxid }, false);
  };

  #show(event: ShownEvent, isFirst: boolean): void {
    if (!this.printsEvents) return;
    if (this.#output.isJson && isFirst && event.state === 'SyncConnected') return;
    const value = event.type === 'None' ? { state: event.state } : { event };
    this.#output.event(formatWatchEvent(event), value, event.type === 'None' ? 'stderr' : 'stdout');
  }
}
