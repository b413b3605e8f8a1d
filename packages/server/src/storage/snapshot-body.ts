import { type ACL, getInt, getLong, getLongBig, Reader, readACL, type Writer, writeACL } from '@nodekeeper/protocol';
import { statPersistedSize } from './file-format.js';
import { defaultRecordBytesMax, refuseLength } from './record-limit.js';

/*
 * The body of a snapshot, in the same format in a file and in the stream to a learner: sessions, ACLs, nodes. The path
 * `/` marks its end; the root is written with an empty path.
 */

/**
 * The state that a snapshot is taken of. It may change between two slices; replaying the log then corrects the
 * snapshot.
 */
export interface SnapshotSource {
  /** The last applied zxid when the snapshot starts; it becomes the file's label. */
  lastZxid: number;
  sessions: Iterable<{ id: bigint; timeoutMs: number }>;
  acls: readonly { key: number; acl: ACL[] }[];
  /**
   * Writes about `byteBudget` bytes of nodes (path, data, ACL key, StatPersisted), parents first. Returns false when
   * all nodes are written.
   */
  writeNodes(writer: Writer, byteBudget: number): boolean;
  /** The tree's state after the last node was written. */
  digest(): { zxid: number; version: number; digest: bigint };
  close(): void;
}

/** Receives a snapshot's contents. Buffers are valid only during the call. */
export interface SnapshotSink {
  session(id: bigint, timeoutMs: number): void;
  acl(key: number, acl: ACL[]): void;
  /**
   * One node, parents first; the root's path is empty. Path and data are spans of `bytes` (-1, -1 for null data). The
   * StatPersisted is the 60 bytes at `statStart`.
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
   * The tree's digest at the end of the snapshot, if the file has one. ZooKeeper writes one with zxid 0 if it has none.
   */
  digest(zxid: number, version: number, digest: bigint): void;
}

export const sliceSize = 256 * 1024;
const sessionSize = 12;
/** Precedes an ACL's entries: its number and their count. */
const aclHeadSize = 12;
const aclKeySize = 8;
const aclKeyMax = 0x7fffffff;
const endOfNodes = '/';
const slash = 0x2f;

/** Writes the body in slices. */
export class SnapshotBodyWriter {
  readonly #source: SnapshotSource;
  readonly #sessions: readonly { id: bigint; timeoutMs: number }[];
  #part: 'sessions' | 'acls' | 'nodes' | 'end' = 'sessions';
  /** Number of sessions, or of ACLs, written so far. */
  #count = 0;

  constructor(source: SnapshotSource) {
    this.#source = source;
    this.#sessions = [...source.sessions];
  }

  /** Writes the next `sliceSize` bytes, up to the end of an entry. Returns false when the body is complete. */
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

  /** Returns true when the list is complete. */
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

/** The source of the body: `bytes[at]` is the first unread byte. */
export interface SnapshotBodyInput {
  readonly bytes: Buffer;
  at: number;
  /** Whether `count` bytes are available from `at`. Loading more may replace `bytes` and change `at`. */
  has(count: number): boolean;
}

/**
 * Reads the body from an input that may not be complete yet. Reads an incomplete entry again from its start. Throws an
 * `Error` for an invalid entry.
 */
export class SnapshotBodyReader {
  /** The entry that was incomplete when `read` returned false. */
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

/** The tree stores the number in 32 bits; -1 is the open ACL. */
function checkedAclKey(key: number): number {
  if (key >= -1 && key <= aclKeyMax) return key;
  throw new Error(`an ACL has the number ${key}`);
}
