import type { CloseOptions } from './call-options.js';
import type { Scheduler } from './core/ports.js';
import type { Session } from './core/session.js';

/** Resolves when the session is over for this client, be it on the server or not. */
export function closeSession<Watcher>(
  session: Session<Watcher>,
  scheduler: Scheduler,
  { timeoutMs = 0, keepSession = false }: CloseOptions,
): Promise<void> {
  return new Promise((resolve) => {
    const cancel = timeoutMs > 0 ? scheduler.after(timeoutMs, () => session.closeNow()) : undefined;
    const done = () => {
      cancel?.();
      resolve();
    };
    session.close(done, keepSession);
  });
}
