import { ErrorCode } from '@nodekeeper/protocol';
import type { Failure } from './request.js';

/** An identity that the client sends to the server on every connection. */
export interface AuthEntry {
  readonly scheme: string;
  readonly auth: Buffer;
  /**
   * Called once, when the first server has answered or the session has ended. The argument is undefined if the server
   * accepted the identity.
   */
  done: ((failure: Failure | undefined) => void) | undefined;
}

export function settleAuth(entry: AuthEntry, failure: Failure | undefined): void {
  const { done } = entry;
  entry.done = undefined;
  done?.(failure);
}

/** Returns the failure that a reply to an auth packet reports, or undefined if the server accepted the identity. */
export function authFailure({ scheme }: AuthEntry, err: number): Failure | undefined {
  if (err === ErrorCode.OK) return undefined;
  const detail = `the server rejected the credentials of scheme "${scheme}"`;
  return { code: 'AUTHFAILED', outcome: 'rejected', detail };
}
