import { type ACL, getInt, getLong, getLongBig, Reader, readACL, type Writer, writeACL } from '@nodekeeper/protocol';
import { statPersistedSize } from './file-format.js';
import { defaultRecordBytesMax, refuseLength } from './record-limit.js';

/*
 * The body of a snapshot consists of sessions, ACLs and nodes. Its format is the same in a file and in the stream to a
 * learner. The path `/` marks the end of the body, because the root is written with an empty path.
 */

/**
 * The server state that is written to a snapshot. The state may change between two slices of the snapshot. Replay of
 * the log later corrects the snapshot.
 */
export interface SnapshotSource {
  /** The last applied zxid when the snapshot starts. It becomes the zxid in the file's name. */
  lastZxid: number;
  sessions: Iterable<{ id: bigint; timeoutMs: number }>;
  acls: readonly { key: number; acl: ACL[] }[];
  /**
   * Writes about `byteBudget` bytes of nodes (path, data, ACL key, StatPersisted), each parent before its children.
   * Returns false when all nodes are written.
   */
  writeNodes(writer: Writer, byteBudget: number): boolean;
  /** Returns the zxid and the digest of the tree. Called after the last node was written. */
  digest(): { zxid: number; version: number; digest: bigint };
  close(): void;
}

/** Receives the contents of a snapshot. The buffers that are passed to it are valid only during the call. */
export interface SnapshotSink {
  session(id: bigint, timeoutMs: number): void;
  acl(key: number, acl: ACL[]): void;
  /**
   * Receives one node, each parent before its children. The root's path is empty. Path and data are spans of `bytes`;
   * the span of null data is -1, -1. The StatPersisted is the 60 bytes at `statStart`.
   */
  node(
    bytes: Buffer,
    pathStart: number,
    pathEnd: number,
    dataStart: number,
    dataEnd: number,
    aclKey: number,
    statStart: number,
  ): void;
  /**
   * Receives the tree's digest at the end of the snapshot, if the file has a digest. A digest with zxid 0 is not passed
   * on, because ZooKeeper writes zxid 0 when it has no digest.
   */
  digest(zxid: number, version: number, digest: bigint): void;
}

export const sliceSize = 256 * 1024;
const sessionSize = 12;
/** Size in bytes of the header of an ACL: the number of the ACL (long), and the count of its entries (int). */
const aclHeadSize = 12;
const aclKeySize = 8;
const aclKeyMax = 0x7fffffff;
const endOfNodes = '/';
const slash = 0x2f;

/** Writes the body of a snapshot in slices. */
export class SnapshotBodyWriter {
  readonly #source: SnapshotSource;
  readonly #sessions: readonly { id: bigint; timeoutMs: number }[];
  #part: 'sessions' | 'acls' | 'nodes' | 'end' = 'sessions';
  /** Number of sessions, or of ACLs, that are written so far. */
  #count = 0;

  constructor(source: SnapshotSource) {
    this.#source = source;
    this.#sessions = [...source.sessions];
  }

  /** Writes about `sliceSize` bytes and ends with a whole entry. Returns false when the body is complete. */
  writeSlice(writer: Writer): boolean {
    const full = writer.position + sliceSize;
    if (this.#part === 'sessions' && this.#writeList(writer, full, this.#sessions, writeSession)) this.#part = 'acls';
    if (this.#part === 'acls' && this.#writeList(writer, full, this.#source.acls, writeAcl)) this.#part = 'nodes';
    if (this.#part === 'nodes' && !this.#source.writeNodes(writer, full - writer.position)) {
      writer.ustring(endOfNodes);
      this.#part = 'end';
    }
    return this.#part !== 'end';
  }

  /**
   * Writes further entries of a list until the writer's position reaches `full`. Returns true when the list is
   * complete.
   */
  #writeList<Item>(
    writer: Writer,
    full: number,
    items: readonly Item[],
    writeItem: (writer: Writer, item: Item) => void,
  ): boolean {
    if (this.#count === 0) writer.int(items.length);
    for (const item of items.slice(this.#count)) {
      writeItem(writer, item);
      this.#count++;
      if (writer.position >= full) break;
    }
    if (this.#count < items.length) return false;
    this.#count = 0;
    return true;
  }
}

function writeSession(writer: Writer, { id, timeoutMs }: { id: bigint; timeoutMs: number }): void {
  writer.longBig(id);
  writer.int(timeoutMs);
}

function writeAcl(writer: Writer, { key, acl }: { key: number; acl: ACL[] }): void {
  writer.long(key);
  writer.int(acl.length);
  for (const entry of acl) writeACL(writer, entry);
}

/** The bytes that a body is read from. `bytes[at]` is the first unread byte. */
export interface SnapshotBodyInput {
  readonly bytes: Buffer;
  at: number;
  /**
   * True if `count` unread bytes are available. The input may load more bytes for this, and thereby replace `bytes` and
   * change `at`.
   */
  has(count: number): boolean;
}

/**
 * Reads a body from an input that may not be complete yet. If an entry is incomplete, the next call of `read` starts at
 * the beginning of this entry again. Throws an `Error` for an invalid entry.
 */
export class SnapshotBodyReader {
  /** The name of the part that was incomplete when `read` returned false. It is used in error texts. */
  incomplete = '';
  readonly #input: SnapshotBodyInput;
  readonly #sink: SnapshotSink;
  readonly #recordBytesMax: number;
  readonly #reader = new Reader(Buffer.alloc(0));
  #part: 'sessions' | 'acls' | 'nodes' | 'end' = 'sessions';
  /** Number of sessions or ACLs still to read; -1 before their count is read. */
  #left = -1;
  /** The ACL being read. */
  #acl: { readonly key: number; readonly entries: ACL[]; left: number; bytes: number } | undefined;

  constructor(input: SnapshotBodyInput, sink: SnapshotSink, recordBytesMax: number = defaultRecordBytesMax) {
    this.#input = input;
    this.#sink = sink;
    this.#recordBytesMax = recordBytesMax;
  }

  /** Reads the available bytes. Returns false until the body is complete. */
  read(): boolean {
    if (this.#part === 'sessions' && this.#readSessions()) this.#part = 'acls';
    if (this.#part === 'acls' && this.#readAcls()) this.#part = 'nodes';
    if (this.#part === 'nodes' && this.#readNodes()) this.#part = 'end';
    return this.#part === 'end';
  }

  #has(count: number, what: string): boolean {
    if (this.#input.has(count)) return true;
    this.incomplete = what;
    return false;
  }

  #readSessions(): boolean {
    const input = this.#input;
    if (!this.#readCount('sessions')) return false;
    for (; this.#left > 0; this.#left--) {
      if (!this.#has(sessionSize, 'a session')) return false;
      this.#sink.session(getLongBig(input.bytes, input.at), getInt(input.bytes, input.at + 8));
      input.at += sessionSize;
    }
    this.#left = -1;
    return true;
  }

  #readAcls(): boolean {
    if (!this.#readCount('ACLs')) return false;
    for (; this.#left > 0; this.#left--) if (!this.#readAcl()) return false;
    this.#left = -1;
    return true;
  }

  /** Reads the count at the start of a list. */
  #readCount(what: string): boolean {
    if (this.#left >= 0) return true;
    const input = this.#input;
    if (!this.#has(4, `the number of ${what}`)) return false;
    const count = getInt(input.bytes, input.at);
    if (count < 0) throw new Error(`the snapshot claims ${count} ${what}`);
    this.#left = count;
    input.at += 4;
    return true;
  }

  #readAcl(): boolean {
    const acl = (this.#acl ??= this.#readAclHead());
    if (acl === undefined) return false;
    for (; acl.left > 0; acl.left--) if (!this.#readAclEntry(acl)) return false;
    this.#sink.acl(acl.key, acl.entries);
    this.#acl = undefined;
    return true;
  }

  #readAclHead(): { key: number; entries: ACL[]; left: number; bytes: number } | undefined {
    const input = this.#input;
    if (!this.#has(aclHeadSize, 'an ACL')) return undefined;
    const key = checkedAclKey(getLong(input.bytes, input.at));
    const left = getInt(input.bytes, input.at + aclKeySize);
    input.at += aclHeadSize;
    return { key, entries: [], left, bytes: 0 };
  }

  #readAclEntry(acl: { readonly entries: ACL[]; bytes: number }): boolean {
    const input = this.#input;
    let size = 4;
    for (let text = 0; text < 2; text++) {
      if (!this.#has(size + 4, 'an ACL')) return false;
      size += 4 + Math.max(0, getInt(input.bytes, input.at + size));
      refuseLength('an ACL', acl.bytes + size, this.#recordBytesMax);
    }
    if (!this.#has(size, 'an ACL')) return false;
    acl.entries.push(readACL(this.#reader.reset(input.bytes, input.at, input.at + size)));
    acl.bytes += size;
    input.at += size;
    return true;
  }

  #readNodes(): boolean {
    const input = this.#input;
    for (;;) {
      if (!this.#has(4, 'a path')) return false;
      const pathLength = getInt(input.bytes, input.at);
      refuseLength('a path', pathLength, this.#recordBytesMax);
      if (!this.#has(4 + pathLength, 'a path')) return false;
      if (pathLength === 1 && input.bytes[input.at + 4] === slash) {
        input.at += 5;
        return true;
      }
      if (!this.#readNode(pathLength)) return false;
    }
  }

  #readNode(pathLength: number): boolean {
    const input = this.#input;
    const dataOffset = 4 + pathLength + 4;
    if (!this.#has(dataOffset, 'a node')) return false;
    const dataLength = getInt(input.bytes, input.at + 4 + pathLength);
    if (dataLength !== -1) refuseLength('data', dataLength, this.#recordBytesMax);
    const size = dataOffset + Math.max(0, dataLength) + aclKeySize + statPersistedSize;
    if (!this.#has(size, 'a node')) return false;
    const { bytes, at } = input;
    const pathStart = at + 4;
    const aclAt = at + dataOffset + Math.max(0, dataLength);
    const dataStart = dataLength < 0 ? -1 : at + dataOffset;
    const dataEnd = dataLength < 0 ? -1 : aclAt;
    const aclKey = checkedAclKey(getLong(bytes, aclAt));
    this.#sink.node(bytes, pathStart, pathStart + pathLength, dataStart, dataEnd, aclKey, aclAt + aclKeySize);
    input.at += size;
    return true;
  }
}

/**
 * Returns the number of an ACL, or throws if it is out of range. The tree stores the number in 32 bits. -1 is the
 * number of the open ACL, `world:anyone` with every permission.
 */
function checkedAclKey(key: number): number {
  if (key >= -1 && key <= aclKeyMax) return key;
  throw new Error(`an ACL has the number ${key}`);
}
