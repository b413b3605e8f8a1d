import type { WatchCallback, WatchEvent } from '@nodekeeper/client';
import { type Call, isConnectionLoss } from './call.js';
import { SessionGuard } from './session-guard.js';

/**
 * Waits for an event of one of some nodes. Also returns when `look` says so, when its connection is lost, and when the
 * session is over. So the caller must look again.
 *
 * @param kind what `look` watches: the nodes themselves, or their lists of children
 * @param paths the nodes that `look` watches
 * @param look returns true to end the wait, or the time in milliseconds after which the wait must end
 */
export async function untilEvent(
  call: Call,
  kind: 'data' | 'children',
  paths: readonly string[],
  look: (watch: WatchCallback) => Promise<boolean | number>,
): Promise<WatchEvent | undefined> {
  const { zk } = call.caller;
  let seen: WatchEvent | undefined;
  await call.wait((wake, fail) => {
    let isOver = false;
    let cancelTimer = () => {};
    const watch = (event: WatchEvent) => {
      // the removal of a watch is no event of its node
      if (!event.type.endsWith('Removed')) seen ??= event;
      wake();
    };
    look(watch).then(
      (result) => {
        if (result === true) wake();
        else if (result !== false && !isOver) cancelTimer = zk.ports.scheduler.after(result, wake);
      },
      (error) => (isConnectionLoss(error) ? wake() : fail(error)),
    );
    // if the session is over already, `look` fails, and its error must not be hidden by a wake-up
    let isGuarded = false;
    const forgetSession = SessionGuard.of(zk).depend('expiry', () => isGuarded && wake());
    isGuarded = true;
    return () => {
      isOver = true;
      cancelTimer();
      forgetSession();
      // does nothing if the watch has fired
      for (const path of paths) zk.removeWatches(path, { kind, callback: watch, local: true }).catch(() => {});
    };
  });
  return seen;
}
