import { getInt, getLong, getLongBig } from './reader.js';
import { putInt, type Writer } from './writer.js';

/*
 * TxnHeader, the first bytes of every transaction in a log and in a proposal: session id, cxid, zxid, time, type. These
 * functions read and write single fields in place and allocate nothing. `start` is the first byte of the header.
 * `readTxnHeader` decodes the whole record.
 */

export const txnHeaderBytes = 32;
const cxidAt = 8;
const zxidAt = 12;
const timeAt = 20;
const typeAt = 28;

export function txnSessionId(bytes: Uint8Array, start = 0): bigint {
  return getLongBig(bytes, start);
}

/** The client's request number. A learner that forwards a request puts its own number here. */
export function txnCxid(bytes: Uint8Array, start = 0): number {
  return getInt(bytes, start + cxidAt);
}

export function txnZxid(bytes: Uint8Array, start = 0): number {
  return getLong(bytes, start + zxidAt);
}

/** The leader's wall-clock time when it created the transaction. */
export function txnTimeMs(bytes: Uint8Array, start = 0): number {
  return getLong(bytes, start + timeAt);
}

export function txnType(bytes: Uint8Array, start = 0): number {
  return getInt(bytes, start + typeAt);
}

export function setTxnType(bytes: Uint8Array, start: number, type: number): void {
  putInt(bytes, start + typeAt, type);
}

/** Like `writeTxnHeader`, but takes the fields instead of a record. */
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
