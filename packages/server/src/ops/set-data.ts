import {
  ErrorCode,
  Perm,
  pathFault,
  Reader,
  type SetDataRequest,
  Writer,
  writeSetDataRequest,
} from '@nodekeeper/protocol';
import { StatOffset } from '../tree/node-table.js';
import { PathSpan } from './path-span.js';
import { nextVersion, type Preparation, versionMatches } from './preparation.js';

/**
 * A SetDataRequest whose path and data are not decoded: they are spans of the request's bytes. The data is null if
 * `dataEnd` is less than `dataStart`.
 */
interface SetDataSpan {
  readonly path: PathSpan;
  dataStart: number;
  dataEnd: number;
  version: number;
}

const span: SetDataSpan = { path: new PathSpan(), dataStart: 0, dataEnd: 0, version: 0 };

/**
 * Decodes a setData. The next call reuses the returned object. This is safe because each request is prepared before the
 * next one is decoded.
 */
export function readSetData(reader: Reader): SetDataSpan {
  span.path.read(reader);
  const length = reader.length();
  span.dataStart = reader.position;
  span.dataEnd = reader.position + length;
  if (length > 0) reader.skip(length);
  span.version = reader.int();
  return span;
}

const scratch = new Writer();

/** Encodes a setData of a multi, and returns its path and data as spans of the encoded bytes. */
export function spanOf(request: SetDataRequest): SetDataSpan {
  scratch.reset();
  writeSetDataRequest(scratch, request);
  return readSetData(new Reader(scratch.bytes, 0, scratch.position));
}

export function prepareSetData(preparation: Preparation, request: SetDataSpan, out: Writer): number {
  const sessionError = preparation.checkSession();
  if (sessionError !== ErrorCode.OK) return sessionError;
  const { path, dataStart, dataEnd } = request;
  const { bytes } = path;
  if (path.isNull || path.end === path.start) return ErrorCode.BADARGUMENTS;
  const record = preparation.changes.findSpan(bytes, path.start, path.end);
  if (record === undefined) return pathFault(path.toString()) === undefined ? ErrorCode.NONODE : ErrorCode.BADARGUMENTS;
  if (!preparation.allowed(record.acl, Perm.WRITE)) return ErrorCode.NOAUTH;
  const dataLength = Math.max(0, dataEnd - dataStart);
  if (preparation.quotasMatter) {
    const quotaError = preparation.checkQuota(path.toString(), 0, dataLength - record.dataLength);
    if (quotaError !== ErrorCode.OK) return quotaError;
  }
  const current = record.int(StatOffset.version);
  if (!versionMatches(current, request.version)) return ErrorCode.BADVERSION;
  const version = nextVersion(current);
  // Copy path and data together, because they have the same encoding in the transaction and in the request.
  out.raw(bytes, path.start - 4, dataStart + dataLength);
  out.int(version);
  preparation.change(record);
  record.setInt(StatOffset.version, version);
  record.setLong(StatOffset.mzxid, preparation.zxid);
  record.setLong(StatOffset.mtime, preparation.timeMs);
  preparation.changes.recontent(record, bytes, dataStart, dataStart + dataLength);
  preparation.contentCrc = record.contentCrc;
  return ErrorCode.OK;
}
