import { sessionIdHex } from '@nodekeeper/protocol';
import { onAbort } from './abort-signals.js';
import type { CloseOptions } from './call-options.js';
import { calls, checkArgument } from './calls.js';
import { aString } from './checks.js';
import { addressText, type Scheduler } from './core/ports.js';
import type { Failure } from './core/request.js';
import type { Session } from './core/session.js';
import { ZooKeeperError } from './errors.js';
import { someAuth } from './options.js';
import type { RequestOptions } from './requests.js';
import type { ClientStats } from './session-info.js';
import type { WatchCallback } from './watch/watch-event.js';

/** The methods of the client that concern the session itself. `Requests` has the methods that send a request. */
export class SessionCalls {
  /**
   * A callback for each caller that waits for a session. The callback checks the state, and removes itself when the
   * wait is over.
   */
  readonly #waiting = new Set<() => void>();

  constructor(
    private readonly session: Session<WatchCallback>,
    private readonly scheduler: Scheduler,
  ) {}

  /** Must be called after the state of the session has changed. */
  changed(): void {
    for (const look of [...this.#waiting]) look();
  }

  /** Resolves with undefined when there is a session, or with the error that ended the wait. */
  connected({ signal, timeoutMs = 0 }: RequestOptions): Promise<ZooKeeperError | undefined> {
    const { session, scheduler } = this;
    return new Promise((resolve) => {
      let cancelTimer: (() => void) | undefined;
      let forgetSignal: (() => void) | undefined;
      const finish = (failure?: Failure) => {
        this.#waiting.delete(look);
        forgetSignal?.();
        cancelTimer?.();
        resolve(failure && new ZooKeeperError(failure, 'connect'));
      };
      const look = () => {
        if (session.state === 'CONNECTED' || session.state === 'CONNECTEDREADONLY') finish();
        else if (session.overFailure !== undefined) finish(session.overFailure);
      };
      const abort = () => finish({ code: 'ABORTED', outcome: 'not-sent', detail: 'aborted', cause: signal?.reason });
      const expire = () => finish(noSession(timeoutMs, session.lastProblem));
      this.#waiting.add(look);
      forgetSignal = onAbort(signal, abort);
      if (timeoutMs > 0) cancelTimer = scheduler.after(timeoutMs, expire);
      if (signal?.aborted) abort();
      else look();
    });
  }

  /** Resolves when the session is over for this client, even if it still exists on the server. */
  close({ timeoutMs = 0, keepSession = false }: CloseOptions): Promise<void> {
    return new Promise((resolve) => {
      const cancel = timeoutMs > 0 ? this.scheduler.after(timeoutMs, () => this.session.closeNow()) : undefined;
      const done = () => {
        cancel?.();
        resolve();
      };
      this.session.close(done, keepSession);
    });
  }

  /** Resolves when the server has accepted the identity. Throws a `ZooKeeperError` if the server rejects it. */
  async addAuth(scheme: string, auth: string | Uint8Array): Promise<void> {
    checkArgument(calls.addAuth, undefined, 'scheme', aString, scheme);
    checkArgument(calls.addAuth, undefined, 'auth', someAuth, auth);
    const failure = await new Promise<Failure | undefined>((resolve) =>
      this.session.addAuth({ scheme, auth: Buffer.from(auth as Uint8Array), done: resolve }),
    );
    if (failure !== undefined) throw new ZooKeeperError(failure, calls.addAuth.op);
  }

  /** Returns the totals and the current state. In JSON the session id is text, because JSON has no bigint. */
  stats(): ClientStats {
    const { state, identity, lastZxid, counters, pendingCount: pending, parkedCount: queued } = this.session;
    const server = this.session.server && addressText(this.session.server);
    const { sessionId } = identity;
    const watches = this.session.watches.counts();
    const stats = { state, server, sessionId, lastZxid, pending, queued, watches, ...counters };
    return Object.defineProperty(stats, 'toJSON', { value: () => ({ ...stats, sessionId: sessionIdHex(sessionId) }) });
  }
}

function noSession(timeoutMs: number, problem: string): Failure {
  const detail = `no session within ${timeoutMs} ms; the last attempt: ${problem}`;
  return { code: 'OPERATIONTIMEOUT', outcome: 'not-sent', detail };
}
