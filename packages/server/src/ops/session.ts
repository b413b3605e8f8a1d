import { ErrorCode, type Writer } from '@nodekeeper/protocol';
import { StatOffset } from '../tree/node-table.js';
import type { ChangeRecord } from '../tree/outstanding-changes.js';
import { noteDeleted } from './delete.js';
import type { Preparation } from './preparation.js';

export function prepareCreateSession(_preparation: Preparation, timeoutMs: number, out: Writer): number {
  out.int(timeoutMs);
  return ErrorCode.OK;
}

/** Deletes what the session owns, as it will stand once everything proposed before is applied (inventory 1.9.12). */
export function prepareCloseSession(preparation: Preparation, _request: undefined, out: Writer): number {
  const owned = ephemeralsOf(preparation);
  if (preparation.state.config.closeSessionTxnEnabled) {
    out.int(owned.length);
    for (const record of owned) out.ustring(record.path);
  }
  for (const record of owned) {
    const cut = record.path.lastIndexOf('/');
    const parent = preparation.changes.find(cut === 0 ? '/' : record.path.slice(0, cut));
    if (parent === undefined) throw new Error(`${record.path} has no parent`);
    noteDeleted(preparation, parent, record);
  }
  const session = preparation.state.sessions.get(preparation.sessionId);
  if (session !== undefined) session.closing = true;
  return ErrorCode.OK;
}

/** Applied ephemerals that no proposal deletes, and those that a proposal still to be applied creates. */
function ephemeralsOf(preparation: Preparation): ChangeRecord[] {
  const { tree, changes } = preparation.state;
  const owned: ChangeRecord[] = [];
  const paths = new Set(tree.ephemerals.get(preparation.sessionId));
  for (const record of changes.values()) {
    if (record.exists && record.stat.readBigInt64BE(StatOffset.ephemeralOwner) === preparation.sessionId)
      paths.add(record.path);
  }
  for (const path of paths) {
    const record = changes.find(path);
    if (record !== undefined && record.owner === preparation.sessionId) owned.push(record);
  }
  return owned;
}
