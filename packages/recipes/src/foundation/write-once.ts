import { type RequestOptions, type Transaction, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import { type Call, isConnectionLoss } from './call.js';
import { RecipeError } from './errors.js';
import { deleteSoon } from './late-deletes.js';
import { childOf, ensureContainer } from './parents.js';
import { uuid } from './unique-id.js';

type Steps = (transaction: Transaction<readonly unknown[]>) => Transaction<readonly unknown[]>;

/** A write that must not be repeated blindly. */
interface Write {
  /** Adds the steps of the write to a transaction. */
  readonly steps: Steps;
  /**
   * Adds the steps that undo the write, for a caller that stops waiting before the outcome is known. They are carried
   * out in the background, unless the session ends before. Default: the write is not undone.
   */
  readonly undo?: Steps;
  /** The text for `IN_DOUBT`, such as `the item may have been put`. */
  readonly doubt: string;
}

/**
 * Carries out a write exactly once, also if replies are lost. No version and no value proves afterwards which client has
 * made a change. Therefore the transaction also creates an ephemeral marker with a unique name. After a lost reply, the
 * client looks for the marker: it exists if and only if the write was carried out. Then the marker is deleted.
 *
 * The marker is gone when the session is over. So this rejects with `IN_DOUBT` if the session ends, or the caller stops
 * waiting, before the client could look.
 *
 * @param clientsPath the directory of the marker; it is created when it is needed
 */
export async function writeOnce(call: Call, clientsPath: string, write: Write): Promise<void> {
  await new OnceWriter(call, clientsPath, write).run();
}

class OnceWriter {
  readonly #call: Call;
  readonly #zk: ZooKeeper;
  readonly #clientsPath: string;
  readonly #write: Write;
  readonly #marker: string;
  /** The session in which the write was sent without getting a reply; undefined if the outcome is known. */
  #unknownIn: bigint | undefined;

  constructor(call: Call, clientsPath: string, write: Write) {
    this.#call = call;
    this.#zk = call.caller.zk;
    this.#clientsPath = clientsPath;
    this.#write = write;
    this.#marker = childOf(clientsPath, `marker-${uuid(this.#zk.ports.random)}`);
  }

  async run(): Promise<void> {
    const { limits } = this.#call;
    try {
      await this.#call.retry(async () => {
        if (this.#unknownIn !== undefined && (await this.#isDone(limits))) return;
        await this.#send();
      });
    } catch (error) {
      if (this.#unknownIn === undefined) throw error;
      await this.#giveUp(error);
    }
    this.#deleteMarker();
  }

  async #send(): Promise<void> {
    const { acl } = this.#call.caller;
    const options = { mode: 'EPHEMERAL', ...(acl && { acl }) } as const;
    for (;;) {
      const { id } = this.#zk.session;
      try {
        const transaction = this.#zk.transaction().create(this.#marker, '', options);
        await this.#write.steps(transaction).commit(this.#call.limits);
        return;
      } catch (error) {
        if (!ZooKeeperError.is(error)) throw error;
        // the id is 0 before the client gets its session
        if (error.outcome === 'unknown') this.#unknownIn = id || this.#zk.session.id;
        if (error.code !== 'NONODE' || error.path !== this.#marker) throw error;
      }
      await ensureContainer(this.#call, this.#clientsPath);
    }
  }

  /** Looks for the marker. Returns true if the write was carried out, and false if it was not and never will be. */
  async #isDone(limits: RequestOptions): Promise<boolean> {
    // after `sync`, the server has applied the lost request, if the ensemble has carried it out at all
    await this.#zk.sync(this.#marker, limits);
    const isMarked = (await this.#zk.exists(this.#marker, limits)) !== null;
    if (!isMarked && this.#zk.session.id !== this.#unknownIn) throw this.#inDoubt('the session has expired');
    this.#unknownIn = undefined;
    return isMarked;
  }

  /** Called when the outcome is unknown and the call must end. Returns if the write was carried out. */
  async #giveUp(error: unknown): Promise<void> {
    const reason = this.#call.error ?? error;
    if (await this.#lookOnce()) return;
    if (this.#unknownIn === undefined) throw reason;
    const isOver = this.#zk.state !== 'CONNECTING' || this.#zk.session.id !== this.#unknownIn;
    const { undo } = this.#write;
    if (undo === undefined || isOver) this.#deleteMarker();
    else void this.#undo(undo).finally(() => this.#deleteMarker());
    throw RecipeError.is(error, 'IN_DOUBT') ? error : this.#inDoubt((reason as Error).message, reason);
  }

  /**
   * Looks for the marker a last time, without the limits of the caller. On a connection that works, the replies to the
   * write and to the look arrive together. Returns true if the write was carried out.
   */
  async #lookOnce(): Promise<boolean> {
    if (this.#zk.state !== 'CONNECTED') return false;
    try {
      return await this.#isDone({});
    } catch {
      return false;
    }
  }

  /** Undoes the write if it was carried out. The transaction deletes the marker, so it is not done twice. */
  async #undo(undo: Steps): Promise<void> {
    for (;;) {
      try {
        if (this.#unknownIn !== undefined && !(await this.#isDone({}))) return;
        await undo(this.#zk.transaction().delete(this.#marker)).commit();
        return;
      } catch (error) {
        // the next request waits for a connection, so this loop is not busy
        if (!isConnectionLoss(error)) return;
        this.#unknownIn ??= this.#zk.session.id;
      }
    }
  }

  #inDoubt(reason: string, cause?: unknown): RecipeError {
    return new RecipeError('IN_DOUBT', this.#call.caller, `${this.#write.doubt}: ${reason}`, cause);
  }

  #deleteMarker(): void {
    deleteSoon(this.#zk, this.#marker);
  }
}
