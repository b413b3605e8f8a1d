import { sessionIdHex } from '@nodekeeper/protocol';
import type { ClientRequest, Failure } from './request.js';

/** The failures that the client itself detects. */

export const closedFailure: Failure = { code: 'CLOSED', outcome: 'not-sent', detail: 'the client is closed' };

/** `bytes` is the size of a request that exceeds the limit, or undefined for a request that was accepted. */
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

/** Fails the requests of a lost connection. A request that was sent may have been carried out. */
export function failUnanswered<Watcher>(requests: Iterable<ClientRequest<Watcher>>, failure: Failure): void {
  for (const request of requests) request.fail({ ...failure, outcome: request.sent ? 'unknown' : 'not-sent' });
}
