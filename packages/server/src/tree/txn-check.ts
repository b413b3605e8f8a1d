import {
  OpCode,
  opByNumber,
  ProtocolError,
  Reader,
  txnHeaderBytes,
  txnTimeMs,
  txnType,
  txnZxid,
  zxidHex,
} from '@nodekeeper/protocol';
import { isTxnDigest } from './digest-check.js';

/*
 * Checks that a transaction from another server can be applied. The server calls this before it logs the transaction,
 * because a log with an invalid transaction could never be read again. A transaction that passes the check can be
 * applied to any tree: `TxnApplier` throws no error for it.
 */

type CheckBody = (reader: Reader) => void;

const slash = 47;
/** The maximum number of bytes of a path in an error text. */
const shownBytesMax = 100;

const bodies = new Map<number, CheckBody>([
  [OpCode.create, (reader) => checkCreate(reader, 1)],
  [OpCode.create2, (reader) => checkCreate(reader, 1)],
  [OpCode.createContainer, (reader) => checkCreate(reader)],
  [OpCode.createTTL, (reader) => checkCreate(reader, 0, 8)],
  [OpCode.delete, (reader) => checkPath(reader, 'below the root')],
  [OpCode.deleteContainer, (reader) => checkPath(reader, 'below the root')],
  [OpCode.setData, checkSetData],
  [OpCode.reconfig, checkSetData],
  [OpCode.setACL, checkSetAcl],
  [OpCode.check, () => {}],
  [OpCode.error, (reader) => reader.skip(4)],
  [OpCode.createSession, (reader) => reader.skip(4)],
  [OpCode.closeSession, checkCloseSession],
  [OpCode.multi, checkMulti],
]);

/** The types of operations that a multi may contain. */
const partTypes: ReadonlySet<number> = new Set([
  OpCode.create,
  OpCode.create2,
  OpCode.createContainer,
  OpCode.createTTL,
  OpCode.delete,
  OpCode.deleteContainer,
  OpCode.setData,
  OpCode.check,
  OpCode.error,
]);

const shared = new Reader(Buffer.alloc(0));

/** Throws `ProtocolError` unless `bytes` contain TxnHeader and body of a transaction with this zxid. */
export function checkTxn(bytes: Buffer, zxid: number): void {
  const reader = shared.reset(bytes);
  reader.skip(txnHeaderBytes);
  const actual = txnZxid(bytes);
  if (actual !== zxid) throw new ProtocolError(`${zxidHex(zxid)} holds a transaction with the zxid ${zxidHex(actual)}`);
  const timeMs = txnTimeMs(bytes);
  if (!Number.isSafeInteger(timeMs)) throw new ProtocolError(`${zxidHex(zxid)} has the invalid time ${timeMs}`);
  const type = txnType(bytes);
  const check = bodies.get(type);
  if (check === undefined) throw new ProtocolError(`${zxidHex(zxid)} is a transaction of unknown type ${type}`);
  try {
    check(reader);
  } catch (error) {
    const { name } = opByNumber(type)!;
    throw new ProtocolError(
      `${zxidHex(zxid)} is not a valid transaction of the type ${name}: ${(error as Error).message}`,
    );
  }
}

/**
 * Checks the body of a create. `flagBytes` is 1 if the body has a byte that tells whether the znode is ephemeral. It is
 * 0 if the type of the transaction tells this.
 */
function checkCreate(reader: Reader, flagBytes = 0, ttlBytes = 0): void {
  checkPath(reader, 'below the root');
  skipText(reader);
  checkAcl(reader);
  reader.skip(flagBytes);
  // The parent's cversion. ZooKeeper 3.3 and earlier omit it.
  if (reader.remaining >= 4) reader.skip(4);
  reader.skip(ttlBytes);
}

function checkSetData(reader: Reader): void {
  checkPath(reader);
  skipText(reader);
  reader.skip(4);
}

function checkSetAcl(reader: Reader): void {
  checkPath(reader);
  checkAcl(reader);
  reader.skip(4);
}

/**
 * Checks the body of a closeSession: a list of paths. Servers with `closeSessionTxn.enabled=no` omit the list, and may
 * write a digest in its place.
 */
function checkCloseSession(reader: Reader): void {
  if (reader.remaining < 4) return;
  if (isTxnDigest(reader)) return;
  for (let left = reader.count(4); left > 0; left--) checkPath(reader, 'below the root');
}

function checkMulti(reader: Reader): void {
  const { end } = reader;
  for (let left = reader.length(); left > 0; left--) {
    const type = reader.int();
    const length = Math.max(0, reader.length());
    const partEnd = reader.position + length;
    if (!partTypes.has(type)) throw new ProtocolError(`a part of type ${type}`);
    if (partEnd > end) throw new ProtocolError('a part that is longer than the whole');
    reader.end = partEnd;
    bodies.get(type)!(reader);
    reader.end = end;
    reader.position = partEnd;
  }
}

/** Checks that a path starts at the root and has no empty names, so that each node has only one valid path. */
function checkPath(reader: Reader, where?: 'below the root'): void {
  const length = skipText(reader);
  const { bytes, position: end } = reader;
  const start = end - length;
  if (length === 1 && bytes[start] === slash && where === undefined) return;
  let isPath = length > 1 && bytes[start] === slash && bytes[end - 1] !== slash;
  for (let at = start + 1; at < end && isPath; at++) isPath = bytes[at] !== slash || bytes[at - 1] !== slash;
  if (isPath) return;
  const shown = length < 0 ? 'null' : `'${bytes.toString('utf8', start, Math.min(end, start + shownBytesMax))}'`;
  throw new ProtocolError(`${shown} is not the path of a node ${where ?? ''}`.trimEnd());
}

function checkAcl(reader: Reader): void {
  for (let left = reader.count(12); left > 0; left--) {
    reader.skip(4);
    skipText(reader);
    skipText(reader);
  }
}

/** Skips a text or data, with its length field. Returns the length in bytes, or -1 for null. */
function skipText(reader: Reader): number {
  const length = reader.length();
  if (length > 0) reader.skip(length);
  return length;
}
