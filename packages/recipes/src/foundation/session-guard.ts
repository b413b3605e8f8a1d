import { type SessionChange, type State, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';

/**
 * When something that depends on the session counts as lost.
 *
 * `suspend`: as soon as the connection is lost, because it is then unknown whether the session still exists.
 * `session`: when the session may have expired. A short disconnection is tolerated.
 */
export type ConnectionPolicy = 'suspend' | 'session';

/**
 * The part of the session timeout for which the session certainly exists after a server has received a message. The
 * rest allows for clocks that run at different speeds, and for late timers.
 */
const certainShare = 3 / 4;

const guards = new WeakMap<ZooKeeper, SessionGuard>();

/**
 * `expiry`: when the client has noticed that the session is over. Only for what is safe until then.
 * `closed`: when the client has no session any more, and gets no new one.
 */
type GuardPolicy = ConnectionPolicy | 'expiry' | 'closed';

/** The policies that need no timer. */
const untimed: readonly GuardPolicy[] = ['expiry', 'closed'];

interface Dependent {
  readonly policy: GuardPolicy;
  readonly sessionId: bigint;
  readonly doubt: (reason: string) => void;
}

/**
 * Tells what depends on the session of a client when the session is over, or may be over. A client cannot know that its
 * session exists. It knows when it sent the newest message that a server has answered. The server keeps the session
 * for a timeout after that.
 */
export class SessionGuard {
  readonly #zk: ZooKeeper;
  readonly #dependents = new Set<Dependent>();
  #cancelTimer: (() => void) | undefined;

  private constructor(zk: ZooKeeper) {
    this.#zk = zk;
  }

  static of(zk: ZooKeeper): SessionGuard {
    const guard = guards.get(zk) ?? new SessionGuard(zk);
    guards.set(zk, guard);
    return guard;
  }

  /**
   * Calls `doubt` once when the session is over, or in doubt according to the policy. Calls it before this method
   * returns if that is already so. Returns a function that stops the watch.
   *
   * @param sessionId the session to depend on. Default: the current one
   */
  depend(policy: GuardPolicy, doubt: (reason: string) => void, sessionId = this.#zk.session.id): () => void {
    const dependent = { policy, doubt, sessionId };
    const leftMs = this.#leftMs();
    const reason = this.#doubtOf(dependent, leftMs);
    if (reason !== undefined) {
      doubt(reason);
      return () => {};
    }
    if (this.#dependents.size === 0) this.#zk.on('state', this.#onState);
    this.#dependents.add(dependent);
    if (!untimed.includes(policy) && this.#cancelTimer === undefined) this.#setTimer(leftMs);
    return () => this.#remove(dependent);
  }

  #remove(dependent: Dependent): void {
    if (!this.#dependents.delete(dependent) || this.#dependents.size > 0) return;
    this.#zk.off('state', this.#onState);
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  readonly #onState = ({ reason }: SessionChange): void => this.#look(reason);

  /** Tells the dependents that have lost their session, or must doubt it. Sets the timer for the others. */
  #look(detail?: string): void {
    const leftMs = this.#leftMs();
    for (const dependent of [...this.#dependents]) {
      const reason = this.#doubtOf(dependent, leftMs, detail);
      if (reason === undefined) continue;
      this.#remove(dependent);
      dependent.doubt(reason);
    }
    this.#setTimer(leftMs);
  }

  /** Returns why a dependent must doubt its session; undefined if it need not. */
  #doubtOf({ policy, sessionId }: Dependent, leftMs: number, detail?: string): string | undefined {
    const { state, session } = this.#zk;
    if (isOver(state)) return detail ?? 'the session is over';
    if (policy === 'closed') return undefined;
    if (session.id !== sessionId) return detail ?? 'the session is over';
    if (policy === 'expiry') return undefined;
    if (leftMs <= 0) return 'no server has confirmed the session for too long';
    return state === 'CONNECTED' || policy === 'session' ? undefined : (detail ?? 'the connection is lost');
  }

  /** The time for which the session certainly exists, in milliseconds. */
  #leftMs(): number {
    const { confirmedMs = Number.NEGATIVE_INFINITY } = this.#zk.stats();
    return confirmedMs + this.#zk.session.timeoutMs * certainShare - this.#zk.ports.scheduler.monotonicMs();
  }

  #setTimer(leftMs: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    // leftMs is positive, because all dependents with other policies have been told otherwise
    if ([...this.#dependents].every(({ policy }) => untimed.includes(policy))) return;
    this.#cancelTimer = this.#zk.ports.scheduler.after(leftMs, () => this.#look());
  }
}

function isOver(state: State): boolean {
  return state === 'CLOSED' || state === 'AUTH_FAILED';
}

/** True if `error` says that a session has expired, and the client continues with a new session (`renewSession`). */
export function isRenewed(zk: ZooKeeper, error: unknown): boolean {
  return ZooKeeperError.is(error, 'SESSIONEXPIRED') && !isOver(zk.state);
}
