import { type SessionChange, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';

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

interface Dependent {
  readonly policy: ConnectionPolicy;
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
   * Calls `doubt` once when the current session is over, or in doubt according to the policy. Calls it before this
   * method returns if that is already so. Returns a function that stops the watch.
   */
  depend(policy: ConnectionPolicy, doubt: (reason: string) => void): () => void {
    const dependent = { policy, doubt, sessionId: this.#zk.session.id };
    if (this.#dependents.size === 0) this.#zk.on('state', this.#onState);
    this.#dependents.add(dependent);
    this.#look('the session is in doubt');
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
  #look(reason: string): void {
    const leftMs = this.#certainUntilMs() - this.#zk.ports.scheduler.monotonicMs();
    const { id } = this.#zk.session;
    const isConnected = this.#zk.state === 'CONNECTED';
    const detail = leftMs > 0 ? reason : 'no server has confirmed the session for too long';
    for (const dependent of [...this.#dependents]) {
      const isCertain = leftMs > 0 && id === dependent.sessionId && (isConnected || dependent.policy === 'session');
      if (isCertain) continue;
      this.#remove(dependent);
      dependent.doubt(detail);
    }
    this.#setTimer(leftMs);
  }

  #certainUntilMs(): number {
    const { state } = this.#zk;
    if (state === 'CLOSED' || state === 'AUTH_FAILED') return Number.NEGATIVE_INFINITY;
    return (this.#zk.stats().confirmedMs ?? Number.NEGATIVE_INFINITY) + this.#zk.session.timeoutMs * certainShare;
  }

  #setTimer(leftMs: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#dependents.size === 0) return;
    this.#cancelTimer = this.#zk.ports.scheduler.after(leftMs, () => this.#look('the session is in doubt'));
  }
}

/** True if `error` says that a session has expired, and the client continues with a new session. */
export function isRenewed(zk: ZooKeeper, error: unknown): boolean {
  return ZooKeeperError.is(error, 'SESSIONEXPIRED') && zk.state !== 'CLOSED' && zk.state !== 'AUTH_FAILED';
}
