import { EventEmitter } from 'node:events';
import { onAbort } from '@nodekeeper/client';
import type { Call, Caller, WaitOptions } from '../foundation/call.js';
import { emitSafely } from '../foundation/emit-safely.js';
import { RecipeError } from '../foundation/errors.js';
import { runRenewing } from '../foundation/run-renewing.js';
import { SessionGuard } from '../foundation/session-guard.js';
import { type Content, VersionedNode } from '../foundation/versioned-node.js';

/** A value with the version by which `trySet` compares. */
export interface Versioned<Value> {
  readonly value: Value;
  /** The version of the node. */
  readonly version: number;
  /** The zxid of the change that wrote the value. It grows with each change. */
  readonly zxid: number;
}

/** The events of `SharedValue` and `SharedCount`. */
export interface SharedEvents<Value> {
  /** The value has changed. Several changes in a short time may be one event. */
  change: [current: Versioned<Value>];
  /** The node was deleted. The last value stays; `change` follows when the node exists again. */
  deleted: [];
  /** The data of the node cannot be read as a value. The last value stays. */
  invalid: [error: RecipeError];
  /** The recipe has ended: the session is over, or the server refuses to let the client read the node. */
  error: [error: RecipeError];
}

/** How a value is stored. Both functions throw a `RecipeError`. */
interface Storage<Value, Input> {
  decode(data: Buffer): Value;
  encode(value: Input): Buffer;
}

/** Errors of a read that the next read may not have, as long as the client is open. */
const passing = ['CONNECTIONLOSS', 'REQUESTTIMEOUT', 'SESSIONEXPIRED'];

/** A value in a node that every client sees. Each client follows it with a watch. */
export abstract class Shared<Value, Input = Value>
  extends EventEmitter<SharedEvents<Value>>
  implements AsyncDisposable
{
  readonly #caller: Caller;
  readonly #node: VersionedNode;
  readonly #initial: Input;
  readonly #storage: Storage<Value, Input>;
  #state: 'new' | 'started' | 'ended' = 'new';
  #current: Versioned<Value> | undefined;
  /** The zxid of the last change that this client has read, valid or not. */
  #seenZxid = -1;
  #isDeleted = false;
  /** Aborted when the recipe ends. */
  readonly #ending = new AbortController();
  #isReading = false;
  #isStale = false;
  #forgetSession = () => {};

  /** @internal */
  constructor(caller: Caller, clientsPath: string, initial: Input, storage: Storage<Value, Input>) {
    super();
    storage.encode(initial);
    this.#caller = caller;
    this.#node = new VersionedNode(caller, clientsPath);
    this.#initial = initial;
    this.#storage = storage;
  }

  /**
   * Creates the node with the initial value if it does not exist, reads it, and follows it from then on.
   *
   * @throws `BAD_NODE` if the data of the node cannot be read as a value
   */
  async start(options: WaitOptions = {}): Promise<void> {
    if (this.#state !== 'new') throw new RecipeError('BADARGUMENTS', this.#caller, 'it was started already');
    this.#state = 'started';
    try {
      await runRenewing(this.#caller, options, async (call) => {
        let content = await this.#node.read(call, this.#onEvent);
        while (content === undefined) {
          await this.#node.replace(call, undefined, this.#storage.encode(this.#initial));
          content = await this.#node.read(call, this.#onEvent);
        }
        this.#current = this.#decoded(content);
        this.#seenZxid = content.mzxid;
      });
    } catch (error) {
      this.#stop();
      throw error;
    }
    this.#dependOnSession();
  }

  /** Stops to follow the node. The node stays. */
  async close(): Promise<void> {
    this.#stop();
  }

  /** Calls `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The newest value that this client knows. @throws `CLOSED` before `start` and after `close` */
  get current(): Versioned<Value> {
    this.#checkStarted();
    return this.#current!;
  }

  /**
   * Replaces the value, whatever it is.
   *
   * @throws `IN_DOUBT` if the session ended, or the caller stopped waiting, before the client knew if it was replaced
   */
  async set(value: Input, options: WaitOptions = {}): Promise<void> {
    this.#checkStarted();
    const data = this.#storage.encode(value);
    await runRenewing(this.#caller, options, async (call) => {
      await this.#node.overwrite(call, data);
      await this.#refreshWritten(call);
    });
  }

  /**
   * Replaces the value if no client has changed it since `expected`. Returns false if another client was faster; `current`
   * has the newer value then. Throws as `set` does.
   */
  async trySet(expected: Versioned<Value>, value: Input, options: WaitOptions = {}): Promise<boolean> {
    this.#checkStarted();
    const { version, zxid } = expected;
    const data = this.#storage.encode(value);
    return runRenewing(this.#caller, options, async (call) => {
      // the version alone would also match a node that was deleted and created again
      const isCurrent = zxid === this.#current!.zxid;
      const content = { data, version, mzxid: zxid };
      const isSet = isCurrent && (await this.#node.replace(call, content, data));
      if (isSet) await this.#refreshWritten(call);
      else await this.#refresh(call);
      return isSet;
    });
  }

  /** Yields the current value, and then each newer one. Skips values that were replaced before the loop asked. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Versioned<Value>, void, void> {
    let seenZxid = -1;
    while (this.#state === 'started') {
      const { current } = this;
      if (current.zxid !== seenZxid) {
        seenZxid = current.zxid;
        yield current;
      } else {
        await this.#nextChange();
      }
    }
  }

  /** Waits for a newer value, or the end of the recipe. */
  #nextChange(): Promise<void> {
    const { signal } = this.#ending;
    return new Promise((resolve) => {
      const done = () => {
        forgetSignal();
        this.off('change', done);
        resolve();
      };
      const forgetSignal = onAbort(signal, done);
      this.on('change', done);
    });
  }

  #checkStarted(): void {
    if (this.#state === 'started') return;
    const detail = this.#state === 'new' ? 'it was not started' : 'it was closed, or it has ended with an error';
    throw new RecipeError('CLOSED', this.#caller, detail);
  }

  #decoded({ data, version, mzxid }: Content): Versioned<Value> {
    return { value: this.#storage.decode(data), version, zxid: mzxid };
  }

  // ---- following the node

  readonly #onEvent = (): void => void this.#follow();

  /** A session that ends without a request in flight is noticed by nothing else. */
  #dependOnSession(): void {
    this.#forgetSession();
    if (this.#state !== 'started') return;
    this.#forgetSession = SessionGuard.of(this.#caller.zk).depend('expiry', this.#onEvent);
  }

  /** Reads the node after an event, and again if another event came during the read. */
  async #follow(): Promise<void> {
    this.#isStale = true;
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#isStale && this.#state === 'started') {
      this.#isStale = false;
      try {
        await runRenewing(this.#caller, {}, (call) => this.#refresh(call));
        this.#dependOnSession();
      } catch (error) {
        this.#failed(error);
      }
    }
    this.#isReading = false;
    // the read may have set a watch after `close` has removed it
    if (this.#state !== 'started') this.#unwatch();
  }

  /** Without a connection, the next read waits for one, unless the session is over for good. */
  #failed(error: unknown): void {
    if (this.#state !== 'started') return;
    const { state } = this.#caller.zk;
    const isOver = state === 'CLOSED' || state === 'AUTH_FAILED';
    this.#isStale = !isOver && RecipeError.is(error) && passing.includes(error.code);
    if (this.#isStale) return;
    this.#stop();
    emitSafely(this, 'error', error as RecipeError);
  }

  /** Reads the node after a write. A failure of this read must not look like a failure of the write. */
  async #refreshWritten(call: Call): Promise<void> {
    try {
      await this.#refresh(call);
    } catch {
      void this.#follow();
    }
  }

  /** Reads the node, and sets a watch for its next change. */
  async #refresh(call: Call): Promise<void> {
    const { zk, path } = this.#caller;
    for (;;) {
      const content = await this.#node.read(call, this.#onEvent);
      if (content !== undefined) return this.#accept(content);
      const stat = await call.retry(() => zk.exists(path, { watch: this.#onEvent, ...call.limits }));
      if (stat === null) return this.#noteDeletion();
    }
  }

  #accept(content: Content): void {
    this.#isDeleted = false;
    if (this.#state !== 'started' || content.mzxid <= this.#seenZxid) return;
    this.#seenZxid = content.mzxid;
    try {
      this.#current = this.#decoded(content);
    } catch (error) {
      emitSafely(this, 'invalid', error as RecipeError);
      return;
    }
    emitSafely(this, 'change', this.#current);
  }

  #noteDeletion(): void {
    if (this.#state !== 'started' || this.#isDeleted) return;
    this.#isDeleted = true;
    emitSafely(this, 'deleted');
  }

  #stop(): void {
    this.#state = 'ended';
    this.#forgetSession();
    this.#ending.abort();
    this.#unwatch();
  }

  #unwatch(): void {
    const { zk, path } = this.#caller;
    zk.removeWatches(path, { kind: 'data', callback: this.#onEvent, local: true }).catch(() => {});
  }
}
