import { OpCode } from '@nodekeeper/protocol';
import { SilentRequester } from './role-client.js';
import { type RoleParts, txnBytesMax } from './role-parts.js';
import type { WritePath } from './write-path.js';

const asSuper = new SilentRequester(undefined, [{ scheme: 'super', id: '' }]);

/**
 * A session that owns more ephemerals than one closeSession txn can list loses the surplus beforehand, one delete
 * each: Apache writes a txn then that no server can read again (L-1 ZK-4306).
 */
export function deleteSurplusEphemerals(parts: RoleParts, writePath: WritePath, sessionId: bigint): void {
  const { config, database, events } = parts;
  if (!config.closeSessionTxnEnabled) return;
  const session = database.sessions.get(sessionId);
  const wasClosing = session?.closing ?? false;
  if (session !== undefined) session.closing = false;
  let bytes = 0;
  for (const { path } of database.changes.ownedBy(sessionId)) {
    bytes += 4 + path.length * 3;
    if (bytes <= txnBytesMax(config) / 2) continue;
    writePath.propose(OpCode.delete, { path, version: -1 }, sessionId, events, asSuper);
  }
  if (session !== undefined) session.closing = wasClosing;
}
