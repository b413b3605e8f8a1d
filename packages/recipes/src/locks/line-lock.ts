import { type Data, ZooKeeperError } from '@nodekeeper/client';
import { type Call, runCall, type WaitOptions } from '../foundation/call.js';
import { type Checks, checkOptions, isFunction, waitChecks } from '../foundation/checks.js';
import { RecipeError } from '../foundation/errors.js';
import { childOf } from '../foundation/parents.js';
import type { ConnectionPolicy } from '../foundation/session-guard.js';
import { contendersOf, type LockContender } from '../line/contenders.js';
import type { TurnRule, WaitingLine } from '../line/waiting-line.js';
import { type Held, LineHold } from './hold.js';
import { isOwner, type OwnedHold, type Owner, Owners } from './owners.js';
import { revocationMessage } from './revocation.js';

/** Options of `acquire` and `tryAcquire` of a lock. */
export interface AcquireOptions extends WaitOptions {
  /**
   * Makes the lock reentrant: if this owner holds the lock already, the call returns a further hold at once. The lock is
   * free after the release of all of them. Without an owner, each call waits in the line on its own.
   */
  readonly owner?: Owner;
  /**
   * Called when another client asks for the release of the lock with `requestRevocation`, or with Curator's `Revoker`.
   * The holder decides whether and when to release. Ignored for a further hold of the same owner.
   */
  readonly onRevoke?: () => void;
}

const acquireChecks: Checks = { ...waitChecks, owner: isOwner, onRevoke: isFunction };

/** A lock whose clients stand in a waiting line. */
export class LineLock {
  /** The path that the program gave. */
  readonly path: string;
  protected readonly line: WaitingLine;
  protected readonly policy: ConnectionPolicy;
  protected readonly data: Data;
  readonly owners = new Owners();
  readonly #rule: TurnRule;

  /** @internal */
  constructor(line: WaitingLine, rule: TurnRule, policy: ConnectionPolicy, data: Data) {
    this.line = line;
    this.path = line.caller.path;
    this.#rule = rule;
    this.policy = policy;
    this.data = data;
  }

  /**
   * Waits for the lock. Resolves only with a hold that is certain at that moment.
   *
   * @throws `TIMEOUT`, `ABORTED`; `SESSIONEXPIRED` if the session expires and the client does not renew it; the reason
   * of the loss if the owner has lost its hold
   */
  async acquire(options: AcquireOptions = {}): Promise<Held> {
    return (await runCall(this.line.caller, options, (call) => this.enter(call, options, true)))!;
  }

  /**
   * Acquires the lock if no other client holds it or waits for it. Otherwise resolves with undefined at once, when the
   * node of the attempt has been deleted.
   */
  tryAcquire(options: AcquireOptions = {}): Promise<Held | undefined> {
    return runCall(this.line.caller, options, (call) => this.enter(call, options, false));
  }

  /** @internal Acquires the lock. Without `waits`, resolves with undefined if other clients hold it. */
  async enter(call: Call, options: AcquireOptions, waits: boolean): Promise<LineHold | OwnedHold | undefined> {
    checkOptions(this.line.caller, options, acquireChecks);
    const acquire = () => this.#acquireNode(call, options, waits);
    return options.owner === undefined ? acquire() : this.owners.enter(call, options.owner, waits, acquire);
  }

  /** Acquires the lock with a new node. */
  async #acquireNode(call: Call, { onRevoke }: AcquireOptions, waits: boolean): Promise<LineHold | undefined> {
    const { line, data } = this;
    for (;;) {
      const ticket = await (waits ? line.waitForTurn(call, data, this.#rule) : line.tryTurn(call, data, this.#rule));
      if (ticket === undefined) return undefined;
      const hold = new LineHold(line, ticket, this.policy, onRevoke);
      if (!hold.signal.aborted) return hold;
      // the connection was lost just now, so this client joins again
      await call.finish(hold.release());
    }
  }

  /** Returns the clients that hold the lock or wait for it, in the order of the line. */
  contenders(options: WaitOptions = {}): Promise<LockContender[]> {
    return runCall(this.line.caller, options, (call) => contendersOf(this.line, call));
  }

  /**
   * Asks a contender to release the lock. Its program decides, see `AcquireOptions.onRevoke`. Resolves with false if the
   * contender is gone.
   *
   * @throws `BADARGUMENTS` if the node of the contender is not at the path of this lock
   */
  requestRevocation({ path }: Pick<LockContender, 'path'>, options: WaitOptions = {}): Promise<boolean> {
    const { caller } = this.line;
    return runCall(caller, options, async (call) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      if (path !== childOf(caller.path, name) || this.line.entries([name]).length === 0) {
        throw new RecipeError('BADARGUMENTS', caller, `${path} is not the node of a contender for this lock`);
      }
      try {
        await call.retry(() => caller.zk.set(path, revocationMessage, call.limits));
        return true;
      } catch (error) {
        if (ZooKeeperError.is(error, 'NONODE')) return false;
        throw error;
      }
    });
  }
}
