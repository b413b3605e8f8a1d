import { sessionIdHex } from '@nodekeeper/protocol';
import type { Session } from './core/session.js';
import type { ClientStats } from './session-info.js';

/** What a client has done and has to do; in JSON the session id, a bigint, is text. */
export function statsOf<Watcher>(session: Session<Watcher>, server: string | undefined): ClientStats {
  const { state, identity, lastZxid, counters, pendingCount: pending, parkedCount: queued } = session;
  const { sessionId } = identity;
  const watches = session.watches.counts();
  const stats = { state, server, sessionId, lastZxid, pending, queued, watches, ...counters };
  return Object.defineProperty(stats, 'toJSON', { value: () => ({ ...stats, sessionId: sessionIdHex(sessionId) }) });
}
