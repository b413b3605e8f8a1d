import { ErrorCode, parentPath, type Writer } from '@nodekeeper/protocol';
import { noteDeleted } from './delete.js';
import type { Preparation } from './preparation.js';

export function prepareCreateSession(_preparation: Preparation, timeoutMs: number, out: Writer): number {
  out.int(timeoutMs);
  return ErrorCode.OK;
}

/**
 * Prepares a closeSession, which deletes the ephemerals of the session. This includes ephemerals that a proposed
 * transaction creates, even if it is not applied yet (spec 1.9.12).
 */
export function prepareCloseSession(preparation: Preparation, _request: undefined, out: Writer): number {
  // Refuse a closeSession that a server forwards after the client has moved from that server to another one.
  if (preparation.checkSession() === ErrorCode.SESSIONMOVED) return ErrorCode.SESSIONMOVED;
  const owned = preparation.changes.ownedBy(preparation.sessionId);
  if (preparation.state.config.closeSessionTxnEnabled) {
    out.int(owned.length);
    for (const record of owned) out.ustring(record.path);
  }
  for (const record of owned) {
    const parent = preparation.changes.find(parentPath(record.path));
    if (parent === undefined) throw new Error(`${record.path} has no parent`);
    noteDeleted(preparation, parent, record);
  }
  const session = preparation.state.sessions.get(preparation.sessionId);
  if (session !== undefined) session.closing = true;
  return ErrorCode.OK;
}
