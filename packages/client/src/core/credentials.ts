import { ErrorCode } from '@nodekeeper/protocol';
import type { Failure } from './request.js';

/** One identity. The client sends it on every connection. */
export interface AuthEntry {
  readonly scheme: string;
  readonly auth: Buffer;
  /** Called once, with the server's first answer: undefined, or the failure. */
  done: ((failure: Failure | undefined) => void) | undefined;
}

export function settleAuth(entry: AuthEntry, failure: Failure | undefined): void {
  const { done } = entry;
  entry.done = undefined;
  done?.(failure);
}

/** Interprets a server's answer to an auth packet. Undefined means that the server accepted it. */
export function authFailure({ scheme }: AuthEntry, err: number): Failure | undefined {
  if (err === ErrorCode.OK) return undefined;
  const detail = `the server rejected the credentials of scheme "${scheme}"`;
  return { code: 'AUTHFAILED', outcome: 'rejected', detail };
}
