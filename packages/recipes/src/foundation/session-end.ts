import type { Caller } from './call.js';
import { type RecipeError, recipeError } from './errors.js';
import { SessionGuard } from './session-guard.js';

/**
 * Calls `ended` when the client has no session any more and gets no new one. A client that renews its session continues.
 *
 * @param ended gets `CLOSED` if the program has closed the client, and otherwise the reason, such as `SESSIONEXPIRED`
 * @returns a function that stops the watch
 */
export function whenSessionEnds(caller: Caller, ended: (error: RecipeError) => void): () => void {
  const { zk, path } = caller;
  let forget = () => {};
  let isForgotten = false;
  const depend = () => {
    if (isForgotten) return;
    if (zk.state !== 'CLOSED' && zk.state !== 'AUTH_FAILED') {
      // a renewed session has a new id
      forget = SessionGuard.of(zk).depend('expiry', depend);
      return;
    }
    // a request tells why the session is over
    zk.exists(path).catch((error) => isForgotten || ended(recipeError(error, caller) as RecipeError));
  };
  depend();
  return () => {
    isForgotten = true;
    forget();
  };
}
