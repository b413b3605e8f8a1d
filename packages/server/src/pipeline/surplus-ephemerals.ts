import { OpCode } from '@nodekeeper/protocol';
import { SilentRequester } from './requester.js';
import type { ServerCore } from './server-core.js';

const asSuper = new SilentRequester(undefined, [{ scheme: 'super', id: '' }]);

/**
 * A session that owns more ephemerals than one closeSession txn can list loses the surplus beforehand, one delete
 * each: Apache writes a txn then that no server can read again (L-1 ZK-4306).
 */
export function deleteSurplusEphemerals(core: ServerCore, sessionId: bigint): void {
  if (!core.config.closeSessionTxnEnabled) return;
  const session = core.sessions.get(sessionId);
  const wasClosing = session?.closing ?? false;
  if (session !== undefined) session.closing = false;
  let bytes = 0;
  for (const { path } of core.changes.ownedBy(sessionId)) {
    bytes += 4 + path.length * 3;
    if (bytes <= core.txnBytesMax / 2) continue;
    core.writePath.propose(OpCode.delete, { path, version: -1 }, sessionId, core.nowMs, core.wallMs, asSuper);
  }
  if (session !== undefined) session.closing = wasClosing;
}
