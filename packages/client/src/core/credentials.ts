import { ErrorCode } from '@nodekeeper/protocol';
import type { Failure } from './request.js';

/** One identity, sent anew on every connection. */
export interface AuthEntry {
  readonly scheme: string;
  readonly auth: Buffer;
  /** Told once what the server said to it first. */
  done: ((failure: Failure | undefined) => void) | undefined;
}

export function settleAuth(entry: AuthEntry, failure: Failure | undefined): void {
  const { done } = entry;
  entry.done = undefined;
  done?.(failure);
}

/** What a server's answer to an auth packet means; undefined: it is accepted. */
export function authFailure({ scheme }: AuthEntry, err: number): Failure | undefined {
  if (err === ErrorCode.OK) return undefined;
  const detail = `the server does not accept the credentials of scheme "${scheme}"`;
  return { code: 'AUTHFAILED', outcome: 'rejected', detail };
}
