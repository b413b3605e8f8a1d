import { sessionIdHex } from '@nodekeeper/protocol';
import type { ClientRequest, Failure } from './request.js';

// The failures that the client itself detects, without an error code from the server.

export const closedFailure: Failure = { code: 'CLOSED', outcome: 'not-sent', detail: 'the client is closed' };

/**
 * Returns the failure for a request of `bytes` bytes that exceeds the limit. If `bytes` is undefined, the request was
 * accepted, and the result is undefined.
 */
export function oversizedFailure(bytes: number | undefined, bytesMax: number): Failure | undefined {
  if (bytes === undefined) return undefined;
  const detail = `the request has ${bytes} bytes, the limit is ${bytesMax} (requestSizeMax, jute.maxbuffer)`;
  return { code: 'BADARGUMENTS', outcome: 'not-sent', detail };
}

export function expiredFailure(sessionId: bigint, reason: string): Failure {
  return {
    code: 'SESSIONEXPIRED',
    outcome: 'not-sent',
    detail: `session ${sessionIdHex(sessionId)} expired: ${reason}`,
  };
}

/**
 * Fails the requests of a lost connection. The outcome of a request that was sent is `unknown`, because the server may
 * have carried it out.
 */
export function failUnanswered<Watcher>(requests: Iterable<ClientRequest<Watcher>>, failure: Failure): void {
  for (const request of requests) request.fail({ ...failure, outcome: request.sent ? 'unknown' : 'not-sent' });
}
