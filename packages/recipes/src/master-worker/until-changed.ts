import type { Stat } from '@nodekeeper/client';
import { type Call, isConnectionLoss } from '../foundation/call.js';
import { isRenewed, SessionGuard } from '../foundation/session-guard.js';

/**
 * Waits until one of the nodes is created, changed or deleted. May return early, for example after a lost connection.
 *
 * @param mustWait gets the Stats of the nodes; returns false if there is nothing to wait for
 */
export async function untilChanged(
  call: Call,
  paths: readonly string[],
  mustWait: (stats: readonly (Stat | null)[]) => boolean,
): Promise<void> {
  const { zk } = call.caller;
  await call.wait((wake, fail) => {
    const forgetSession = SessionGuard.of(zk).depend('expiry', wake);
    const look = async () => {
      const stats = await Promise.all(paths.map((path) => zk.exists(path, { watch: wake, ...call.limits })));
      if (!mustWait(stats)) wake();
    };
    look().catch((error) => (isConnectionLoss(error) || isRenewed(zk, error) ? wake() : fail(error)));
    return () => {
      forgetSession();
      // does nothing if the watch has fired
      for (const path of paths) zk.removeWatches(path, { kind: 'data', callback: wake, local: true }).catch(() => {});
    };
  });
}
