import { getInt, getLong, getLongBig } from './reader.js';
import { putInt, type Writer } from './writer.js';

/*
 * TxnHeader is the start of every transaction in a log and in a proposal: session id, cxid, zxid, time, type. The
 * functions in this file read and write single fields of encoded headers, and allocate nothing. Their argument `start`
 * is the position of the first byte of the header. `readTxnHeader` decodes the whole record.
 */

export const txnHeaderBytes = 32;
const cxidAt = 8;
const zxidAt = 12;
const timeAt = 20;
const typeAt = 28;

export function txnSessionId(bytes: Uint8Array, start = 0): bigint {
  return getLongBig(bytes, start);
}

/**
 * Returns the cxid: the xid of the client's request. If a learner forwarded the request, returns the number with which
 * the learner replaced the xid.
 */
export function txnCxid(bytes: Uint8Array, start = 0): number {
  return getInt(bytes, start + cxidAt);
}

export function txnZxid(bytes: Uint8Array, start = 0): number {
  return getLong(bytes, start + zxidAt);
}

/** Returns the time at which the leader created the transaction, in milliseconds of the leader's wall clock. */
export function txnTimeMs(bytes: Uint8Array, start = 0): number {
  return getLong(bytes, start + timeAt);
}

export function txnType(bytes: Uint8Array, start = 0): number {
  return getInt(bytes, start + typeAt);
}

export function setTxnType(bytes: Uint8Array, start: number, type: number): void {
  putInt(bytes, start + typeAt, type);
}

/** Does the same as `writeTxnHeader`, but takes single fields instead of a record. */
export function putTxnHeader(
  writer: Writer,
  sessionId: bigint,
  cxid: number,
  zxid: number,
  timeMs: number,
  type: number,
): void {
  writer.longBig(sessionId);
  writer.int(cxid);
  writer.long(zxid);
  writer.long(timeMs);
  writer.int(type);
}
