import { type Caller, isConnectionLoss } from '../foundation/call.js';
import { RecipeError } from '../foundation/errors.js';
import { type ConnectionPolicy, SessionGuard } from '../foundation/session-guard.js';
import type { Ticket, WaitingLine } from '../line/waiting-line.js';

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

/** A hold on a node in a waiting line. */
export class LineHold implements Held {
  readonly token: number;
  readonly path: string;
  readonly signal: AbortSignal;
  readonly #line: WaitingLine;
  readonly #ticket: Ticket;
  readonly #caller: Caller;
  readonly #controller = new AbortController();
  readonly #forgetSession: () => void;
  #isReleased = false;

  constructor(line: WaitingLine, ticket: Ticket, policy: ConnectionPolicy) {
    this.token = ticket.czxid;
    this.path = ticket.path;
    this.signal = this.#controller.signal;
    this.#line = line;
    this.#ticket = ticket;
    this.#caller = line.caller;
    this.#forgetSession = SessionGuard.of(line.caller.zk).depend(policy, (reason) => {
      this.#lose('IN_DOUBT', `it may be lost: ${reason}`);
    });
    this.#watchNode();
  }

  #lose(code: 'LOST' | 'IN_DOUBT', detail: string): void {
    if (this.#isReleased) return;
    this.#controller.abort(new RecipeError(code, this.#caller, detail));
  }

  readonly #onChange = (): void => {
    if (!this.#isReleased && !this.signal.aborted) this.#watchNode();
  };

  /** Another client, for example an operator, may delete the node. The next client then gets the hold. */
  #watchNode(): void {
    this.#caller.zk.exists(this.path, { watch: this.#onChange }).then(
      (stat) => stat === null && this.#deleted(),
      // the next read waits for a connection; other errors mean that the session is over, which the guard reports
      (error) => isConnectionLoss(error) && this.#onChange(),
    );
  }

  #deleted(): void {
    this.#lose('LOST', `${this.path} was deleted`);
    // the read of a missing node has set a watch for its creation
    const watch = { kind: 'data', callback: this.#onChange, local: true } as const;
    this.#caller.zk.removeWatches(this.path, watch).catch(() => {});
  }

  async release(): Promise<void> {
    if (this.#isReleased) throw new RecipeError('NOT_HELD', this.#caller);
    await this.#end();
  }

  async #end(): Promise<void> {
    this.#isReleased = true;
    this.#forgetSession();
    await this.#line.leave(this.#ticket);
  }

  /** Releases the hold, unless it was released already. For `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isReleased) await this.#end();
  }
}
