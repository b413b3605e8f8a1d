import type { ACL } from '@nodekeeper/protocol';
import { crc32 } from '../checksum/index.js';
import { ChangeRecord } from './change-record.js';
import type { DataTree } from './data-tree.js';
import { hasDigest } from './node-digests.js';
import { Field, type NodeId, noNode, StatOffset, statDigestBytes } from './node-table.js';
import { PathBytes } from './path-bytes.js';
import { TreeDigest } from './tree-digest.js';

/**
 * What has been proposed and not yet applied: requests are validated against it, so that pipelined writes see each
 * other, and the digest that a txn carries is computed on it before the tree gets there (inventory 1.13, 3.6.6).
 *
 * A path has one record, changed in place by each proposal that touches it and forgotten when the last of those is
 * applied. It is kept under the node's number while the tree has a node of that path, so that a write to an existing
 * node makes no string of its path, and under the path while it has not; it moves when the node comes or goes.
 * Inside a multi the former state of each touched record is kept, to go back to when a part fails.
 */
export class OutstandingChanges {
  readonly #tree: DataTree;
  readonly #byNode = new Map<NodeId, ChangeRecord>();
  readonly #byPath = new Map<string, ChangeRecord>();
  readonly #spares: ChangeRecord[] = [];
  /** The digest of the tree with all of this applied. */
  readonly digest = new TreeDigest();
  /** Records of nodes with an owner that are not in the tree yet: closing a session looks through them. */
  readonly #createdEphemerals = new Set<ChangeRecord>();
  #undo: { record: ChangeRecord; before: ChangeRecord | undefined }[] | undefined;
  readonly #digestBefore = new TreeDigest();
  readonly #pathBytes = new PathBytes();
  /** What `has` found: a create asks it just before it makes a record of the same path. */
  #lastPath = '';
  #lastNode: NodeId = noNode;

  constructor(tree: DataTree) {
    this.#tree = tree;
    tree.onRemoving = (node) => this.#nodeRemoved(node);
  }

  get size(): number {
    return this.#byNode.size + this.#byPath.size;
  }

  /** Forgets all changes: what is proposed next is proposed on the tree as it is. */
  reset(): void {
    this.#byNode.clear();
    this.#byPath.clear();
    this.#createdEphemerals.clear();
    this.digest.assign(this.#tree.digest);
  }

  /** The ephemerals of a session as they will stand: applied and not deleted by a proposal, or created by one. */
  ownedBy(sessionId: bigint): ChangeRecord[] {
    const paths = new Set(this.#tree.owned.ephemerals.get(sessionId));
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
    const node = this.#tree.findPath(path);
    const record = node === noNode ? this.#known(this.#byPath.get(path)) : this.#findNode(node);
    if (record !== undefined) record.path = path;
    return record;
  }

  /** The same for a path that lies in a request. */
  findSpan(bytes: Uint8Array, start: number, end: number): ChangeRecord | undefined {
    const node = this.#tree.find(bytes, start, end);
    if (node !== noNode) return this.#findNode(node);
    if (this.#byPath.size === 0) return undefined;
    return this.#known(this.#byPath.get(Buffer.from(bytes.subarray(start, end)).toString()));
  }

  #findNode(node: NodeId): ChangeRecord | undefined {
    const known = this.#byNode.get(node);
    return known === undefined ? this.#read(node) : this.#known(known);
  }

  #known(record: ChangeRecord | undefined): ChangeRecord | undefined {
    return record?.exists ? record : undefined;
  }

  has(path: string): boolean {
    const node = this.#tree.findPath(path);
    this.#lastPath = path;
    this.#lastNode = node;
    if (node === noNode) return this.#byPath.get(path)?.exists ?? false;
    return this.#byNode.get(node)?.exists ?? true;
  }

  /** A record that stands for the tree's node until `change` puts it on the list. */
  #read(node: NodeId): ChangeRecord {
    const record = this.#spares.pop() ?? new ChangeRecord();
    const { nodes } = this.#tree;
    record.path = '';
    record.node = node;
    record.digested = this.#tree.nodeDigests.includes(node);
    record.zxid = 0;
    record.exists = true;
    nodes.copyStat(node, record.statInts);
    record.childCount = nodes.get(node, Field.childCount);
    record.dataLength = Math.max(0, nodes.get(node, Field.dataLength));
    record.acl = this.#tree.aclOf(node);
    record.contentCrc = nodes.get(node, Field.contentCrc);
    record.digest = nodes.get(node, Field.digest);
    return record;
  }

  /** Announces that the proposal `zxid` is about to change a record that `find` returned. */
  change(record: ChangeRecord, zxid: number, touched: ChangeRecord[]): void {
    const isKnown = record.zxid !== 0;
    if (this.#undo !== undefined) this.#remember(record, isKnown);
    if (record.zxid !== zxid) touched.push(record);
    record.zxid = zxid;
    if (!isKnown) this.#enter(record);
  }

  #enter(record: ChangeRecord): void {
    if (record.node === noNode) this.#byPath.set(record.path, record);
    else this.#byNode.set(record.node, record);
  }

  #forget(record: ChangeRecord): void {
    if (record.node === noNode) this.#byPath.delete(record.path);
    else this.#byNode.delete(record.node);
    this.#createdEphemerals.delete(record);
  }

  /** The record of a node that is about to be created (one of a deleted node of that path is taken over). */
  create(path: string, owner: bigint, zxid: number, touched: ChangeRecord[]): ChangeRecord {
    const node = path === this.#lastPath ? this.#lastNode : this.#tree.findPath(path);
    this.#lastPath = '';
    const known = node === noNode ? this.#byPath.get(path) : this.#byNode.get(node);
    const record = known ?? this.#spares.pop() ?? new ChangeRecord();
    record.path = path;
    if (known === undefined) {
      record.node = noNode;
      record.digested = hasDigest(path);
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
    if (!this.#tree.nodeDigests.isEnabled || !record.digested) return;
    this.digest.subtract(record.digest);
    record.digest = crc32(record.stat, 0, statDigestBytes, record.contentCrc);
    this.digest.add(record.digest);
  }

  /** The record's data, now `data[start, end)`, and its stat changed. */
  recontent(record: ChangeRecord, data: Uint8Array, start: number, end: number): void {
    record.dataLength = end - start;
    if (!this.#tree.nodeDigests.isEnabled || !record.digested) return;
    const crc = this.#pathCrc(record);
    record.contentCrc = end > start ? crc32(data, start, end, crc) : crc;
    this.restat(record);
  }

  #pathCrc(record: ChangeRecord): number {
    if (record.node !== noNode) return this.#tree.nodeDigests.pathCrc(record.node);
    const end = this.#pathBytes.put(record.path);
    return crc32(this.#pathBytes.bytes, 0, end);
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
      if (record.zxid === zxid) {
        this.#forget(record);
        if (this.#spares.length < sparesMax) this.#spares.push(record);
        record.path = '';
        record.acl = noAcl;
      } else if (record.node === noNode) {
        this.#lookForNode(record);
      }
    }
  }

  /** A record that others still need: its node may have come with the txn just applied. */
  #lookForNode(record: ChangeRecord): void {
    const node = this.#tree.findPath(record.path);
    if (node === noNode) return;
    this.#byPath.delete(record.path);
    record.node = node;
    this.#byNode.set(node, record);
  }

  /** The tree is about to remove a node, whose number then goes to another. */
  #nodeRemoved(node: NodeId): void {
    const record = this.#byNode.get(node);
    if (record === undefined) return;
    record.path = this.#tree.pathOf(node);
    this.#byNode.delete(node);
    record.node = noNode;
    this.#byPath.set(record.path, record);
  }

  // ---- multi

  begin(): void {
    this.#undo = [];
    this.#digestBefore.assign(this.digest);
  }

  #remember(record: ChangeRecord, isKnown: boolean): void {
    let before: ChangeRecord | undefined;
    if (isKnown) {
      before = new ChangeRecord();
      before.copyFrom(record);
    }
    this.#undo!.push({ record, before });
  }

  commit(): void {
    this.#undo = undefined;
  }

  /** Back to how things were at `begin`. */
  rollback(): void {
    for (const { record, before } of this.#undo!.reverse()) {
      if (before === undefined) this.#forget(record);
      else record.copyFrom(before);
      if (before === undefined || before.owner === 0n) this.#createdEphemerals.delete(record);
    }
    this.#undo = undefined;
    this.digest.assign(this.#digestBefore);
  }
}

const sparesMax = 4096;
const noAcl: readonly ACL[] = [];
