import type { Call } from './call.js';
import { isRenewed } from './session-guard.js';

/**
 * Repeats a request until a server has answered it, over lost connections as the retry policy allows, and in the next
 * session of a client that renews it. The request must be safe to repeat, and must not depend on the session.
 */
export async function insist<Result>(call: Call, request: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await call.retry(request);
    } catch (error) {
      if (!isRenewed(call.caller.zk, error)) throw error;
    }
  }
}
