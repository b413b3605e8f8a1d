import {
  ErrorCode,
  getInt,
  OpCode,
  ProtocolError,
  parentPath,
  putInt,
  Reader,
  readVector,
  txnHeaderBytes,
  txnSessionId,
  txnTimeMs,
  txnType,
  txnZxid,
  type Writer,
  zxidHex,
} from '@nodekeeper/protocol';
import type { WatchManager } from '../watch/watch-manager.js';
import { readAcl } from './acl-codec.js';
import type { DataTree } from './data-tree.js';
import { isTxnDigest, txnDigestBytes } from './digest-check.js';
import { containerOwner, ttlOwner } from './ephemeral-owner.js';
import { type NamespaceMeter, noMeter } from './namespace-meter.js';
import { writeStat } from './node-encoding.js';
import { Field, type NodeId, noNode, StatOffset } from './node-table.js';
import type { Quotas } from './quotas.js';

/** Called when a transaction creates or closes a session. */
interface SessionEvents {
  sessionCreated(sessionId: bigint, timeoutMs: number): void;
  sessionClosed(sessionId: bigint): void;
}

/**
 * Applies transactions to the tree, in zxid order. A transaction changes the tree only through this class, whether it
 * was just committed, came from another server or is replayed from the log. It is harmless to replay a transaction that
 * a fuzzy snapshot already contains (spec 3.3.7).
 *
 * `apply` returns the result code and writes the body of the reply to `body`.
 */
export class TxnApplier {
  readonly #tree: DataTree;
  readonly #watches: WatchManager;
  readonly #quotas: Quotas;
  readonly #sessions: SessionEvents;
  readonly #traffic: NamespaceMeter;
  readonly #reader = new Reader(Buffer.alloc(0));
  /** The zxid of the current transaction. */
  #zxid = 0;
  /** The time of the current transaction. */
  #timeMs = 0;
  /** The index in the reader's bytes where the current transaction starts. */
  #entryStart = 0;
  #contentCrc: number | undefined;

  constructor(
    tree: DataTree,
    watches: WatchManager,
    quotas: Quotas,
    sessions: SessionEvents,
    traffic: NamespaceMeter = noMeter,
  ) {
    this.#traffic = traffic;
    this.#tree = tree;
    this.#watches = watches;
    this.#quotas = quotas;
    this.#sessions = sessions;
  }

  /**
   * @param bytes `bytes[start, end)` is a log entry: TxnHeader, body and an optional TxnDigest
   * @param body receives the response record, if there is one
   * @param contentCrc CRC-32 of path and data, if the preparation of the transaction has computed it
   */
  apply(bytes: Buffer, start: number, end: number, body: Writer, contentCrc?: number): number {
    const reader = this.#reader.reset(bytes, start + txnHeaderBytes, end);
    this.#entryStart = start;
    this.#zxid = txnZxid(bytes, start);
    this.#timeMs = txnTimeMs(bytes, start);
    this.#contentCrc = contentCrc;
    const err = this.#applyChecked(txnType(bytes, start), reader, body);
    if (this.#zxid > this.#tree.lastZxid) this.#tree.lastZxid = this.#zxid;
    return err;
  }

  /**
   * Applies the body of a transaction. A failure may leave the tree half changed. A `ProtocolError` would only reject
   * the sender's message, so this function throws an `Error` instead, which ends the process.
   */
  #applyChecked(type: number, reader: Reader, body: Writer): number {
    try {
      return this.#applyBody(type, reader, body);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw new Error(`the transaction ${zxidHex(this.#zxid)} of type ${type} cannot be applied: ${error.message}`);
    }
  }

  /** The session id of the current transaction. It is read on demand, because few transactions need it. */
  #clientId(): bigint {
    return txnSessionId(this.#reader.bytes, this.#entryStart);
  }

  /** The position of the TxnDigest of the transaction that was just applied; undefined if it has no TxnDigest. */
  get digestStart(): number | undefined {
    return this.#reader.remaining >= txnDigestBytes ? this.#reader.position : undefined;
  }

  #applyBody(type: number, reader: Reader, body: Writer): number {
    switch (type) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
      case OpCode.createTTL:
        return this.#create(type, reader, body);
      case OpCode.delete:
      case OpCode.deleteContainer:
        return this.#delete(reader.ustring() ?? '');
      case OpCode.setData:
      case OpCode.reconfig:
        return this.#setData(reader, body);
      case OpCode.setACL:
        return this.#setAcl(reader, body);
      case OpCode.multi:
        return this.#multi(reader, body);
      case OpCode.createSession:
        this.#sessions.sessionCreated(this.#clientId(), reader.int());
        return ErrorCode.OK;
      case OpCode.closeSession:
        return this.#closeSession(reader);
      case OpCode.error:
        return reader.int();
      case OpCode.check:
        return ErrorCode.OK;
      default:
        throw new Error(`a transaction of unknown type ${type} has the zxid 0x${this.#zxid.toString(16)}`);
    }
  }

  #create(type: number, reader: Reader, body: Writer): number {
    const { bytes } = reader;
    const pathLength = reader.length();
    const pathStart = reader.position;
    const pathEnd = pathStart + pathLength;
    reader.skip(pathLength);
    const dataLength = reader.length();
    const dataStart = reader.position;
    if (dataLength > 0) reader.skip(dataLength);
    const acl = readAcl(reader);
    const ephemeral = type === OpCode.create || type === OpCode.create2 ? reader.bool() : false;
    // A CreateTxnV0 of ZooKeeper 3.3 and earlier ends here. With -1, the parent's cversion is raised by one (spec
    // 1.12.5).
    const parentCversion = reader.remaining >= 4 ? reader.int() : -1;
    const owner = this.#ownerOf(type, ephemeral, reader);

    const parent = this.#tree.findParent(bytes, pathStart, pathEnd);
    if (parent === noNode) return ErrorCode.NONODE;
    const existing = this.#tree.find(bytes, pathStart, pathEnd);
    if (existing !== noNode) {
      this.#tree.replaceAcl(existing, acl);
      this.#tree.raiseParentVersion(parent, parentCversion, this.#zxid);
      return ErrorCode.NODEEXISTS;
    }
    this.#tree.raiseParentVersion(parent, parentCversion, this.#zxid);
    const aclKey = this.#tree.acls.acquire(acl);
    const dataEnd = dataStart + dataLength;
    const node = this.#tree.insert(parent, bytes, pathStart, pathEnd, bytes, dataStart, dataEnd, aclKey);
    this.#initStat(node, owner);
    this.#tree.nodeDigests.add(node, this.#contentCrc);
    this.#traffic.add(bytes, pathStart, pathEnd, Math.max(0, dataLength));
    this.#afterCreate(node, parent, bytes, pathStart, pathEnd, owner, Math.max(0, dataLength));

    body.int(pathLength);
    body.raw(bytes, pathStart, pathEnd);
    if (type !== OpCode.create) writeStat(this.#tree, body, node);
    return ErrorCode.OK;
  }

  #ownerOf(type: number, ephemeral: boolean, reader: Reader): bigint {
    if (type === OpCode.createContainer) return containerOwner;
    if (type === OpCode.createTTL) return ttlOwner(reader.longBig(), this.#tree.options);
    return ephemeral ? this.#clientId() : 0n;
  }

  #initStat(node: NodeId, owner: bigint): void {
    const { nodes } = this.#tree;
    nodes.setLong(node, StatOffset.czxid, this.#zxid);
    nodes.setLong(node, StatOffset.mzxid, this.#zxid);
    nodes.setLong(node, StatOffset.pzxid, this.#zxid);
    nodes.setLong(node, StatOffset.ctime, this.#timeMs);
    nodes.setLong(node, StatOffset.mtime, this.#timeMs);
    if (owner !== 0n) nodes.setBigint(node, StatOffset.ephemeralOwner, owner);
  }

  #afterCreate(
    node: NodeId,
    parent: NodeId,
    bytes: Buffer,
    pathStart: number,
    pathEnd: number,
    owner: bigint,
    dataLength: number,
  ): void {
    const watched = this.#watches.count > 0;
    if (owner === 0n && !watched && !this.#quotas.concerns(bytes, pathStart, pathEnd)) return;
    const path = bytes.toString('utf8', pathStart, pathEnd);
    if (owner !== 0n) this.#tree.owned.add(path, owner);
    this.#quotas.created(path, dataLength);
    if (watched) {
      const parentAcl = this.#tree.aclOf(parent);
      this.#watches.created(path, parentPath(path), this.#zxid, this.#tree.aclOf(node), parentAcl);
    }
  }

  #delete(path: string): number {
    const above = parentPath(path);
    const parent = this.#tree.findPath(above);
    if (parent === noNode) return ErrorCode.NONODE;
    const node = this.#tree.findPath(path);
    if (node === noNode) {
      this.#tree.raisePzxid(parent, this.#zxid);
      return ErrorCode.NONODE;
    }
    const acl = this.#tree.aclOf(node);
    const dataLength = Math.max(0, this.#tree.nodes.get(node, Field.dataLength));
    this.#removeBelow(node);
    this.#remove(path, node);
    this.#tree.raisePzxid(parent, this.#zxid);
    const pathBytes = Buffer.from(path);
    this.#traffic.add(pathBytes, 0, pathBytes.length, 0);
    this.#quotas.deleted(path, dataLength);
    if (this.#watches.count > 0) this.#watches.deleted(path, above, this.#zxid, acl, this.#tree.aclOf(parent));
    return ErrorCode.OK;
  }

  /**
   * Removes all nodes below a node that is about to be deleted. Such nodes exist only when a log is replayed over a
   * fuzzy snapshot that holds a later node of the same path. The rest of the log creates these nodes again (S-4).
   */
  #removeBelow(top: NodeId): void {
    const { nodes } = this.#tree;
    for (let node = top; ; ) {
      const child = nodes.get(node, Field.firstChild);
      if (child !== noNode) {
        node = child;
        continue;
      }
      if (node === top) return;
      const parent = nodes.get(node, Field.parent);
      this.#remove(this.#tree.pathOf(node), node);
      node = parent;
    }
  }

  #remove(path: string, leaf: NodeId): void {
    if (this.#tree.hasOwner(leaf)) this.#tree.owned.delete(path, this.#tree.ownerOf(leaf));
    this.#tree.remove(leaf);
  }

  #setData(reader: Reader, body: Writer): number {
    const { bytes } = reader;
    const pathLength = reader.length();
    const pathStart = reader.position;
    reader.skip(pathLength);
    const dataLength = reader.length();
    const dataStart = reader.position;
    if (dataLength > 0) reader.skip(dataLength);
    const version = reader.int();
    const pathEnd = pathStart + pathLength;
    const node = this.#tree.find(bytes, pathStart, pathEnd);
    if (node === noNode) return ErrorCode.NONODE;
    const { nodes } = this.#tree;
    const oldLength = Math.max(0, nodes.get(node, Field.dataLength));
    this.#tree.replaceData(node, bytes, dataStart, dataStart + dataLength);
    nodes.setInt(node, StatOffset.version, version);
    nodes.setLong(node, StatOffset.mzxid, this.#zxid);
    nodes.setLong(node, StatOffset.mtime, this.#timeMs);
    this.#tree.nodeDigests.dataChanged(node, this.#contentCrc);
    this.#traffic.add(bytes, pathStart, pathEnd, Math.max(0, dataLength));
    if (this.#quotas.active || this.#watches.count > 0) {
      const path = bytes.toString('utf8', pathStart, pathEnd);
      this.#quotas.changed(path, Math.max(0, dataLength) - oldLength);
      this.#watches.changed(path, this.#zxid, this.#tree.aclOf(node));
    }
    writeStat(this.#tree, body, node);
    return ErrorCode.OK;
  }

  #setAcl(reader: Reader, body: Writer): number {
    const path = reader.ustring() ?? '';
    const acl = readAcl(reader);
    const version = reader.int();
    const node = this.#tree.findPath(path);
    if (node === noNode) return ErrorCode.NONODE;
    this.#tree.replaceAcl(node, acl);
    this.#tree.nodes.setInt(node, StatOffset.aversion, version);
    this.#tree.nodeDigests.statChanged(node);
    writeStat(this.#tree, body, node);
    return ErrorCode.OK;
  }

  /**
   * Applies all operations of a multi, or none. If one operation failed, the reply has an error for each operation
   * (spec 1.14.6), and the error code in the reply header is still 0. SESSIONMOVED is an exception: it concerns the
   * connection, so the reply header also has this code (1.14.9).
   */
  #multi(reader: Reader, body: Writer): number {
    const parts: { type: number; start: number; end: number }[] = [];
    for (let left = reader.length(); left > 0; left--) {
      const type = reader.int();
      const length = Math.max(0, reader.length());
      parts.push({ type, start: reader.position, end: reader.position + length });
      reader.skip(length);
    }
    this.#contentCrc = undefined;
    const failedAt = parts.findIndex((part) => part.type === OpCode.error);
    for (const [index, part] of parts.entries()) {
      if (failedAt >= 0) this.#failedPart(reader, part, index, failedAt, body);
      else this.#appliedPart(new Reader(reader.bytes, part.start, part.end), part.type, body);
    }
    writeMultiMark(body, -1, true, -1);
    const isMoved = failedAt >= 0 && getInt(reader.bytes, parts[failedAt]!.start) === ErrorCode.SESSIONMOVED;
    return isMoved ? ErrorCode.SESSIONMOVED : ErrorCode.OK;
  }

  #failedPart(
    reader: Reader,
    part: { type: number; start: number },
    index: number,
    failedAt: number,
    body: Writer,
  ): void {
    let err: number = index < failedAt ? ErrorCode.OK : ErrorCode.RUNTIMEINCONSISTENCY;
    if (part.type === OpCode.error) err = getInt(reader.bytes, part.start);
    writeMultiMark(body, OpCode.error, false, err);
    body.int(err);
  }

  #appliedPart(reader: Reader, type: number, body: Writer): void {
    const mark = body.position;
    const createsWithStat = type === OpCode.createContainer || type === OpCode.createTTL;
    writeMultiMark(body, createsWithStat ? OpCode.create2 : type, false, ErrorCode.OK);
    const err = this.#applyBody(type, reader, body);
    if (err === ErrorCode.OK) return;
    body.position = mark;
    writeMultiMark(body, type, false, ErrorCode.OK);
  }

  #closeSession(reader: Reader): number {
    const paths = reader.remaining >= 4 ? readPathsIfPresent(reader) : undefined;
    for (const path of paths ?? []) this.#delete(path);
    // The list of paths may be missing or incomplete. So each server also deletes all other ephemerals of the session
    // that are in its tree (R-20 ZK-2355).
    this.killSession(this.#clientId());
    this.#sessions.sessionClosed(this.#clientId());
    return ErrorCode.OK;
  }

  /**
   * Deletes the ephemerals of a session. Also called after the files are loaded, for sessions that no longer exist
   * (spec 3.5 step 6).
   */
  killSession(sessionId: bigint): void {
    for (const path of [...(this.#tree.owned.ephemerals.get(sessionId) ?? [])]) this.#delete(path);
  }
}

function writeMultiMark(body: Writer, type: number, done: boolean, err: number): void {
  body.reserve(9);
  let at = putInt(body.bytes, body.position, type);
  body.bytes[at++] = done ? 1 : 0;
  body.position = putInt(body.bytes, at, err);
}

/**
 * Reads the list of paths of a closeSession transaction. With `closeSessionTxn.enabled=no`, the transaction has no
 * list, but a digest may be in its place. A digest is twelve bytes: a four-byte version, always 2, and an eight-byte
 * value.
 *
 * A list that begins with the count 2 is longer than twelve bytes, so it cannot be mistaken for a digest. The count and
 * the lengths of the two paths already take twelve bytes, and a path is never empty.
 */
function readPathsIfPresent(reader: Reader): string[] | undefined {
  if (isTxnDigest(reader)) return undefined;
  return readVector(reader, 4, (item) => item.ustring() ?? '') ?? undefined;
}
