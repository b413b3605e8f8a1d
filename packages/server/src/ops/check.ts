import {
  type CheckVersionRequest,
  ErrorCode,
  Perm,
  pathFault,
  type Writer,
  writeCheckVersionTxn,
} from '@nodekeeper/protocol';
import { StatOffset } from '../tree/node-table.js';
import { nextVersion, type Preparation, versionMatches } from './preparation.js';

/**
 * Prepares a check, which is only allowed as part of a multi. A check outside a multi is refused before this function
 * is called (S-9 ZK-2623).
 */
export function prepareCheck(preparation: Preparation, request: CheckVersionRequest, out: Writer): number {
  const sessionError = preparation.checkSession();
  if (sessionError !== ErrorCode.OK) return sessionError;
  const { path } = request;
  if (path === null || pathFault(path) !== undefined) return ErrorCode.BADARGUMENTS;
  const record = preparation.changes.find(path);
  if (record === undefined) return ErrorCode.NONODE;
  if (!preparation.allowed(record.acl, Perm.READ)) return ErrorCode.NOAUTH;
  const current = record.int(StatOffset.version);
  if (!versionMatches(current, request.version)) return ErrorCode.BADVERSION;
  writeCheckVersionTxn(out, { path, version: nextVersion(current) });
  return ErrorCode.OK;
}
