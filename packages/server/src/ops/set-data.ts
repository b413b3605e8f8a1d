import { ErrorCode, Perm, pathFault, type SetDataRequest, type Writer, writeSetDataTxn } from '@nodekeeper/protocol';
import { StatOffset } from '../tree/node-table.js';
import { nextVersion, type Preparation, versionMatches } from './preparation.js';

export function prepareSetData(preparation: Preparation, request: SetDataRequest, out: Writer): number {
  const sessionError = preparation.checkSession();
  if (sessionError !== ErrorCode.OK) return sessionError;
  const { path, data } = request;
  if (path === null) return ErrorCode.BADARGUMENTS;
  const record = preparation.changes.find(path);
  if (record === undefined) return pathFault(path) === undefined ? ErrorCode.NONODE : ErrorCode.BADARGUMENTS;
  if (path === '') return ErrorCode.BADARGUMENTS;
  if (!preparation.allowed(record.acl, Perm.WRITE)) return ErrorCode.NOAUTH;
  const quotaError = preparation.checkQuota(path, 0, (data?.length ?? 0) - record.dataLength);
  if (quotaError !== ErrorCode.OK) return quotaError;
  const current = record.int(StatOffset.version);
  if (!versionMatches(current, request.version)) return ErrorCode.BADVERSION;
  const version = nextVersion(current);
  writeSetDataTxn(out, { path, data, version });
  preparation.change(record);
  record.setInt(StatOffset.version, version);
  record.setLong(StatOffset.mzxid, preparation.zxid);
  record.setLong(StatOffset.mtime, preparation.timeMs);
  preparation.changes.recontent(record, data);
  preparation.contentCrc = record.contentCrc;
  return ErrorCode.OK;
}
