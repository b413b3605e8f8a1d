import { onAbort } from './abort-signals.js';
import type { Scheduler } from './core/ports.js';
import type { Failure } from './core/request.js';
import type { Session } from './core/session.js';
import { ZooKeeperError } from './errors.js';
import type { RequestOptions } from './requests.js';

/**
 * Resolves with nothing once there is a session, or with the reason why there is none. `waiters` are called when the
 * state of the session has changed.
 */
export function awaitConnection<Watcher>(
  session: Session<Watcher>,
  waiters: Set<() => void>,
  scheduler: Scheduler,
  { signal, timeoutMs = 0 }: RequestOptions,
): Promise<ZooKeeperError | undefined> {
  return new Promise((resolve) => {
    let cancelTimer: (() => void) | undefined;
    let forgetSignal: (() => void) | undefined;
    const finish = (failure?: Failure) => {
      waiters.delete(look);
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
    waiters.add(look);
    forgetSignal = onAbort(signal, abort);
    if (timeoutMs > 0) cancelTimer = scheduler.after(timeoutMs, expire);
    if (signal?.aborted) abort();
    else look();
  });
}

function noSession(timeoutMs: number, problem: string): Failure {
  const detail = `no session within ${timeoutMs} ms; the last attempt: ${problem}`;
  return { code: 'OPERATIONTIMEOUT', outcome: 'not-sent', detail };
}
