import { type Call, type Caller, runCall, type WaitOptions } from './call.js';
import { isRenewed } from './session-guard.js';

/**
 * Runs a call of a recipe as `runCall` does. If the session expires and the client continues with a new session, runs
 * `work` again.
 *
 * @param work must be safe to repeat if one of its requests rejects with `SESSIONEXPIRED`
 */
export function runRenewing<Result>(
  caller: Caller,
  options: WaitOptions,
  work: (call: Call) => Promise<Result>,
): Promise<Result> {
  return runCall(caller, options, async (call) => {
    for (;;) {
      try {
        return await work(call);
      } catch (error) {
        if (!isRenewed(caller.zk, error)) throw error;
      }
    }
  });
}
