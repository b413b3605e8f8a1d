import { ErrorCode, Perm, pathFault, type SetACLRequest, type Writer, writeSetACLTxn } from '@nodekeeper/protocol';
import { StatOffset } from '../tree/node-table.js';
import { nextVersion, type Preparation, versionMatches } from './preparation.js';

export function prepareSetAcl(preparation: Preparation, request: SetACLRequest, out: Writer): number {
  const sessionError = preparation.checkSession();
  if (sessionError !== ErrorCode.OK) return sessionError;
  const { path } = request;
  if (path === null || pathFault(path) !== undefined) return ErrorCode.BADARGUMENTS;
  const acl = preparation.state.access.fixAcl(request.acl, preparation.ids);
  if (typeof acl === 'number') return acl;
  const record = preparation.changes.find(path);
  if (record === undefined) return ErrorCode.NONODE;
  if (!preparation.allowed(record.acl, Perm.ADMIN)) return ErrorCode.NOAUTH;
  const current = record.int(StatOffset.aversion);
  if (!versionMatches(current, request.version)) return ErrorCode.BADVERSION;
  const version = nextVersion(current);
  writeSetACLTxn(out, { path, acl: [...acl], version });
  preparation.change(record);
  record.setInt(StatOffset.aversion, version);
  record.acl = acl;
  preparation.changes.restat(record);
  return ErrorCode.OK;
}
