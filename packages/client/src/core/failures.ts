import { sessionIdHex } from '@nodekeeper/protocol';
import type { ClientRequest, Failure } from './request.js';

/** The failures that come from this side of the wire. */

export const closedFailure: Failure = { code: 'CLOSED', outcome: 'not-sent', detail: 'the client is closed' };

/** Undefined for a request that was taken, which has no size over the limit. */
export function oversizedFailure(bytes: number | undefined, bytesMax: number): Failure | undefined {
  if (bytes === undefined) return undefined;
  const detail = `the request takes ${bytes} bytes, over the limit of ${bytesMax} (requestSizeMax, jute.maxbuffer)`;
  return { code: 'BADARGUMENTS', outcome: 'not-sent', detail };
}

export function expiredFailure(sessionId: bigint, reason: string): Failure {
  return {
    code: 'SESSIONEXPIRED',
    outcome: 'not-sent',
    detail: `session ${sessionIdHex(sessionId)} expired: ${reason}`,
  };
}

/** For a request whose connection is gone: whether it was carried out is known only if it was never sent. */
export function failUnanswered<Watcher>(requests: Iterable<ClientRequest<Watcher>>, failure: Failure): void {
  for (const request of requests) request.fail({ ...failure, outcome: request.sent ? 'unknown' : 'not-sent' });
}
