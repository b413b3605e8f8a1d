import { ErrorCode, Perm, pathFault, type Reader, type SetDataRequest, type Writer } from '@nodekeeper/protocol';
import { StatOffset } from '../tree/node-table.js';
import { nextVersion, type Preparation, versionMatches } from './preparation.js';

/** A SetDataRequest whose data stays where it lies: `bytes[dataStart, dataEnd)`, null when `dataEnd` is before it. */
export interface SetDataSpan {
  path: string | null;
  bytes: Uint8Array;
  dataStart: number;
  dataEnd: number;
  version: number;
}

const span: SetDataSpan = { path: null, bytes: new Uint8Array(), dataStart: 0, dataEnd: 0, version: 0 };

/** The result is good until the next call: a request is prepared as soon as it is decoded. */
export function readSetData(reader: Reader): SetDataSpan {
  span.path = reader.ustring();
  const length = reader.length();
  span.bytes = reader.bytes;
  span.dataStart = reader.position;
  span.dataEnd = reader.position + length;
  if (length > 0) reader.skip(length);
  span.version = reader.int();
  return span;
}

/** The same for a part of a multi. */
export function spanOf(request: SetDataRequest): SetDataSpan {
  span.path = request.path;
  span.bytes = request.data ?? new Uint8Array();
  span.dataStart = 0;
  span.dataEnd = request.data === null ? -1 : request.data.length;
  span.version = request.version;
  return span;
}

export function prepareSetData(preparation: Preparation, request: SetDataSpan, out: Writer): number {
  const sessionError = preparation.checkSession();
  if (sessionError !== ErrorCode.OK) return sessionError;
  const { path, bytes, dataStart, dataEnd } = request;
  if (path === null) return ErrorCode.BADARGUMENTS;
  const record = preparation.changes.find(path);
  if (record === undefined) return pathFault(path) === undefined ? ErrorCode.NONODE : ErrorCode.BADARGUMENTS;
  if (path === '') return ErrorCode.BADARGUMENTS;
  if (!preparation.allowed(record.acl, Perm.WRITE)) return ErrorCode.NOAUTH;
  const dataLength = Math.max(0, dataEnd - dataStart);
  const quotaError = preparation.checkQuota(path, 0, dataLength - record.dataLength);
  if (quotaError !== ErrorCode.OK) return quotaError;
  const current = record.int(StatOffset.version);
  if (!versionMatches(current, request.version)) return ErrorCode.BADVERSION;
  const version = nextVersion(current);
  out.ustring(path);
  out.int(dataEnd - dataStart);
  if (dataLength > 0) out.raw(bytes, dataStart, dataEnd);
  out.int(version);
  preparation.change(record);
  record.setInt(StatOffset.version, version);
  record.setLong(StatOffset.mzxid, preparation.zxid);
  record.setLong(StatOffset.mtime, preparation.timeMs);
  preparation.changes.recontent(record, bytes, dataStart, dataStart + dataLength);
  preparation.contentCrc = record.contentCrc;
  return ErrorCode.OK;
}
