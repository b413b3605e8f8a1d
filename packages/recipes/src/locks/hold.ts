import type { Stat } from '@nodekeeper/client';
import { type Caller, isConnectionLoss } from '../foundation/call.js';
import { RecipeError, recipeError } from '../foundation/errors.js';
import { deleteSurely } from '../foundation/guaranteed-delete.js';
import { type ConnectionPolicy, SessionGuard } from '../foundation/session-guard.js';
import type { Ticket, WaitingLine } from '../line/waiting-line.js';
import { isRevocation } from './revocation.js';

/**
 * Something exclusive that a program holds: a lock, a lease, the leadership. It is held from the moment at which the
 * program gets this object until `release`, or until `signal` is aborted.
 */
export interface Held extends AsyncDisposable {
  /**
   * The fencing token: a zxid, larger for each later holder. Send it with each write to another system, so that this
   * system can refuse late writes of an earlier holder.
   */
  readonly token: number;
  /** Aborted when the hold is lost or in doubt; the reason is a `RecipeError`. Stop the work then. */
  readonly signal: AbortSignal;
  /** The path of the node that stands for this hold. */
  readonly path: string;
  /**
   * Ends the hold. Resolves when the next client can get it. It is repeated until a server has answered, so it waits
   * while there is no connection.
   *
   * @throws `NOT_HELD` if it was released already
   */
  release(): Promise<void>;
}

/** A hold that stands on ephemeral nodes of this client. It is lost when one of them is gone. */
export class NodeHold implements Held {
  readonly token: number;
  readonly path: string;
  readonly signal: AbortSignal;
  readonly caller: Caller;
  readonly #tickets: readonly Ticket[];
  readonly #controller = new AbortController();
  readonly #forgetSession: (() => void) | undefined;
  #isReleased = false;

  constructor(caller: Caller, tickets: readonly Ticket[], policy: ConnectionPolicy) {
    const { czxid, path, sessionId } = tickets[0]!;
    this.token = czxid;
    this.path = path;
    this.signal = this.#controller.signal;
    this.caller = caller;
    this.#tickets = tickets;
    const doubt = (reason: string) => this.lose('IN_DOUBT', `it may be lost: ${reason}`);
    // the client may have another session by now than the one that owns the nodes
    this.#forgetSession = SessionGuard.of(caller.zk).depend(policy, doubt, sessionId);
    for (const ticket of tickets) this.#watch(ticket);
  }

  get isReleased(): boolean {
    return this.#isReleased;
  }

  /** Tells the program that the hold is over, unless it was released. */
  protected lose(code: 'LOST' | 'IN_DOUBT', detail: string): void {
    if (this.#isReleased) return;
    this.#forgetSession?.();
    this.#controller.abort(new RecipeError(code, this.caller, detail));
  }

  /** Another client, for example an operator, may delete the node. The next client then gets the hold. */
  #watch({ path, czxid }: Ticket): void {
    const { zk } = this.caller;
    const look = () => {
      if (this.#isReleased || this.signal.aborted) return;
      zk.exists(path, { watch: look }).then(
        // another client may have created a node with the same path
        (stat) => (stat?.czxid === czxid ? void this.changed(stat) : deleted()),
        // the next read waits for a connection
        (error) => (isConnectionLoss(error) ? look() : this.lose('IN_DOUBT', `it may be lost: ${error.message}`)),
      );
    };
    const deleted = () => {
      this.lose('LOST', `${path} was deleted`);
      // the read of a missing node has set a watch for its creation
      zk.removeWatches(path, { kind: 'data', callback: look, local: true }).catch(() => {});
    };
    look();
  }

  /** Called with the Stat of a node, first after the start of the hold and then after each change of the node. */
  protected changed(_stat: Stat): void | Promise<void> {}

  async release(): Promise<void> {
    if (this.#isReleased) throw new RecipeError('NOT_HELD', this.caller);
    await this.#end();
  }

  /** Marks the hold as released, before its nodes are deleted. */
  protected forget(): void {
    this.#isReleased = true;
    this.#forgetSession?.();
  }

  async #end(): Promise<void> {
    this.forget();
    try {
      await this.deleteNodes();
    } catch (error) {
      throw recipeError(error, this.caller);
    }
  }

  protected async deleteNodes(): Promise<void> {
    await Promise.all(this.#tickets.map(({ path }) => deleteSurely(this.caller.zk, path)));
  }

  /** Releases the hold, unless it was released already. For `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isReleased) await this.#end();
  }
}

/** A hold on a node in a waiting line. */
export class LineHold extends NodeHold {
  readonly #onRevoke: (() => void) | undefined;
  #seenVersion = 0;

  /** @param onRevoke called when another client asks for the release */
  constructor(line: WaitingLine, ticket: Ticket, policy: ConnectionPolicy, onRevoke?: () => void) {
    super(line.caller, [ticket], policy);
    this.#onRevoke = onRevoke;
  }

  protected override async changed({ version }: Stat): Promise<void> {
    if (this.#onRevoke === undefined || version <= this.#seenVersion) return;
    this.#seenVersion = version;
    const data = await this.#readData();
    if (data === undefined || this.isReleased || !isRevocation(data)) return;
    // an error of the program must not look like an error of this read
    process.nextTick(this.#onRevoke);
  }

  async #readData(): Promise<Buffer | null | undefined> {
    for (;;) {
      try {
        return (await this.caller.zk.get(this.path)).data;
      } catch (error) {
        // the next read waits for a connection; after other errors the hold is lost
        if (!isConnectionLoss(error)) return undefined;
      }
    }
  }
}
