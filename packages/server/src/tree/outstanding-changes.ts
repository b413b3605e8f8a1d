import { type ACL, getInt, getLong, putInt, putString } from '@nodekeeper/protocol';
import { crc32 } from '../checksum/index.js';
import type { DataTree } from './data-tree.js';
import { Field, type NodeId, noNode, StatOffset, statDigestBytes } from './node-table.js';
import { TreeDigest } from './tree-digest.js';

/** A node as it will be once everything proposed so far is applied. */
export class ChangeRecord {
  path = '';
  /** The last proposal that changed it. */
  zxid = 0;
  exists = false;
  /** The stat in digest order, see `node-table.ts`. */
  readonly stat = Buffer.alloc(statDigestBytes);
  childCount = 0;
  dataLength = 0;
  acl: readonly ACL[] = [];
  contentCrc = 0;
  digest = 0;

  int(offset: number): number {
    return getInt(this.stat, offset);
  }
  setInt(offset: number, value: number): void {
    putInt(this.stat, offset, value);
  }
  long(offset: number): number {
    return getLong(this.stat, offset);
  }
  setLong(offset: number, value: number): void {
    putInt(this.stat, putInt(this.stat, offset, Math.floor(value / 0x100000000)), value | 0);
  }
  get owner(): bigint {
    return this.stat.readBigInt64BE(StatOffset.ephemeralOwner);
  }
  set owner(value: bigint) {
    this.stat.writeBigInt64BE(BigInt.asIntN(64, value), StatOffset.ephemeralOwner);
  }

  copyFrom(other: ChangeRecord): void {
    this.path = other.path;
    this.zxid = other.zxid;
    this.exists = other.exists;
    other.stat.copy(this.stat);
    this.childCount = other.childCount;
    this.dataLength = other.dataLength;
    this.acl = other.acl;
    this.contentCrc = other.contentCrc;
    this.digest = other.digest;
  }
}

/**
 * What has been proposed and not yet applied: requests are validated against it, so that pipelined writes see each
 * other, and the digest that a txn carries is computed on it before the tree gets there (inventory 1.13, 3.6.6).
 *
 * A path has one record, changed in place by each proposal that touches it and forgotten when the last of those is
 * applied. Inside a multi the former state of each touched record is kept, to go back to when a part fails.
 */
export class OutstandingChanges {
  readonly #tree: DataTree;
  readonly #byPath = new Map<string, ChangeRecord>();
  readonly #spares: ChangeRecord[] = [];
  /** The digest of the tree with all of this applied. */
  readonly digest = new TreeDigest();
  /** Records of nodes with an owner that are not in the tree yet: closing a session looks through them. */
  readonly #createdEphemerals = new Set<ChangeRecord>();
  #undo: { record: ChangeRecord; before: ChangeRecord | undefined }[] | undefined;
  readonly #digestBefore = new TreeDigest();
  #scratch = Buffer.alloc(1024);

  constructor(tree: DataTree) {
    this.#tree = tree;
  }

  get size(): number {
    return this.#byPath.size;
  }

  /** The tree was loaded anew. */
  reset(): void {
    this.#byPath.clear();
    this.#createdEphemerals.clear();
    this.digest.assign(this.#tree.digest);
  }

  /** The ephemerals of a session as they will stand: applied and not deleted by a proposal, or created by one. */
  ownedBy(sessionId: bigint): ChangeRecord[] {
    const paths = new Set(this.#tree.ephemerals.get(sessionId));
    for (const record of this.#createdEphemerals) if (record.owner === sessionId) paths.add(record.path);
    const owned: ChangeRecord[] = [];
    for (const path of paths) {
      const record = this.find(path);
      if (record !== undefined && record.owner === sessionId) owned.push(record);
    }
    return owned;
  }

  /** The node's state to look at, or undefined when there is no such node. Nothing is changed by looking. */
  find(path: string): ChangeRecord | undefined {
    const known = this.#byPath.get(path);
    if (known !== undefined) return known.exists ? known : undefined;
    const node = this.#tree.findPath(path);
    return node === noNode ? undefined : this.#read(path, node);
  }

  has(path: string): boolean {
    const known = this.#byPath.get(path);
    return known === undefined ? this.#tree.findPath(path) !== noNode : known.exists;
  }

  /** A record that stands for the tree's node until `change` puts it on the list. */
  #read(path: string, node: NodeId): ChangeRecord {
    const record = this.#spares.pop() ?? new ChangeRecord();
    const { nodes } = this.#tree;
    record.path = path;
    record.zxid = 0;
    record.exists = true;
    const base = nodes.baseOf(node);
    const page = nodes.pageOf(node);
    for (let at = 0; at < statDigestBytes; at++) record.stat[at] = page[base + at];
    record.childCount = nodes.get(node, Field.childCount);
    record.dataLength = Math.max(0, nodes.get(node, Field.dataLength));
    record.acl = this.#tree.aclOf(node);
    record.contentCrc = nodes.get(node, Field.contentCrc);
    record.digest = nodes.get(node, Field.digest);
    return record;
  }

  /** Announces that the proposal `zxid` is about to change a record that `find` returned. */
  change(record: ChangeRecord, zxid: number, touched: ChangeRecord[]): void {
    const known = this.#byPath.get(record.path);
    if (this.#undo !== undefined) this.#remember(record, known);
    if (record.zxid !== zxid) touched.push(record);
    record.zxid = zxid;
    if (known !== record) this.#byPath.set(record.path, record);
  }

  /** The record of a node that is about to be created (one of a deleted node of that path is taken over). */
  create(path: string, owner: bigint, zxid: number, touched: ChangeRecord[]): ChangeRecord {
    const known = this.#byPath.get(path);
    const record = known ?? this.#spares.pop() ?? new ChangeRecord();
    if (known === undefined) {
      record.path = path;
      record.zxid = 0;
    }
    this.change(record, zxid, touched);
    record.exists = true;
    record.stat.fill(0);
    record.childCount = 0;
    record.digest = 0;
    if (owner !== 0n) {
      record.owner = owner;
      this.#createdEphemerals.add(record);
    }
    return record;
  }

  /** The record's stat changed: brings digests up to date. */
  restat(record: ChangeRecord): void {
    if (!this.#tree.options.digestEnabled || isSystemPath(record.path)) return;
    this.digest.subtract(record.digest);
    record.digest = crc32(record.stat, 0, statDigestBytes, record.contentCrc);
    this.digest.add(record.digest);
  }

  /** The record's data, now `data[start, end)`, and its stat changed. */
  recontent(record: ChangeRecord, data: Uint8Array, start: number, end: number): void {
    record.dataLength = end - start;
    if (!this.#tree.options.digestEnabled || isSystemPath(record.path)) return;
    const crc = this.#pathCrc(record.path);
    record.contentCrc = end > start ? crc32(data, start, end, crc) : crc;
    this.restat(record);
  }

  #pathCrc(path: string): number {
    if (path === '/') return 0;
    if (path.length * 3 > this.#scratch.length) this.#scratch = Buffer.alloc(path.length * 3);
    return crc32(this.#scratch, 0, putString(this.#scratch, 0, path));
  }

  /** The node is about to be deleted. */
  remove(record: ChangeRecord, zxid: number, touched: ChangeRecord[]): void {
    this.change(record, zxid, touched);
    record.exists = false;
    this.digest.subtract(record.digest);
    record.digest = 0;
    record.stat.fill(0, StatOffset.ephemeralOwner);
  }

  /** The proposal `zxid`, which touched these records, was applied. */
  applied(zxid: number, touched: readonly ChangeRecord[]): void {
    for (const record of touched) {
      if (record.zxid !== zxid || this.#byPath.get(record.path) !== record) continue;
      this.#byPath.delete(record.path);
      this.#createdEphemerals.delete(record);
      if (this.#spares.length < sparesMax) this.#spares.push(record);
    }
  }

  // ---- multi

  begin(): void {
    this.#undo = [];
    this.#digestBefore.assign(this.digest);
  }

  #remember(record: ChangeRecord, known: ChangeRecord | undefined): void {
    if (known === undefined) {
      this.#undo!.push({ record, before: undefined });
    } else {
      const before = new ChangeRecord();
      before.copyFrom(record);
      this.#undo!.push({ record, before });
    }
  }

  commit(): void {
    this.#undo = undefined;
  }

  /** Back to how things were at `begin`. */
  rollback(): void {
    for (const { record, before } of this.#undo!.reverse()) {
      if (before === undefined) this.#byPath.delete(record.path);
      else record.copyFrom(before);
      if (before === undefined || before.owner === 0n) this.#createdEphemerals.delete(record);
    }
    this.#undo = undefined;
    this.digest.assign(this.#digestBefore);
  }
}

const sparesMax = 4096;

function isSystemPath(path: string): boolean {
  return path.startsWith('/zookeeper/');
}
