import type { SessionChange } from '@nodekeeper/client';
import { type Place, RecipeError } from '../foundation/errors.js';

/** Returns the error for a session that is over for good. Returns undefined if the client continues. */
export function sessionEnd({ event, state, reason }: SessionChange, place: Place): RecipeError | undefined {
  if (state !== 'CLOSED' && state !== 'AUTH_FAILED') return undefined;
  const code = event === 'Expired' ? 'SESSIONEXPIRED' : event === 'AuthFailed' ? 'AUTHFAILED' : 'CLOSED';
  return new RecipeError(code, place, reason);
}
