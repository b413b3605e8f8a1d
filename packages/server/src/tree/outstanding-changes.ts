import type { ACL } from '@nodekeeper/protocol';
import { crc32 } from '../checksum/index.js';
import { ChangeRecord } from './change-record.js';
import type { DataTree } from './data-tree.js';
import { hasDigest } from './node-digests.js';
import { Field, type NodeId, noNode, StatOffset, statDigestBytes } from './node-table.js';
import { PathBytes } from './path-bytes.js';
import { TreeDigest } from './tree-digest.js';

/**
 * The changes of transactions that are proposed and not applied yet. Requests are validated against these changes, so
 * that a pipelined write sees the effects of earlier writes. The digest of a transaction is also computed from these
 * changes, before the tree has that state (spec 1.13, 3.6.6).
 *
 * Each changed path has one record. Each proposal that touches the path changes this record in place. The record is
 * dropped when the last of these proposals is applied. If the tree has a node at the path, the record is stored under
 * the node's number, because a look-up by number needs no string. Otherwise the record is stored under the path. The
 * record moves when its node is added to the tree or removed from it. During a multi, the earlier state of each touched
 * record is kept for a rollback.
 */
export class OutstandingChanges {
  readonly #tree: DataTree;
  readonly #byNode = new Map<NodeId, ChangeRecord>();
  readonly #byPath = new Map<string, ChangeRecord>();
  readonly #spares: ChangeRecord[] = [];
  /** The digest that the tree will have after all these changes. */
  readonly digest = new TreeDigest();
  /**
   * Records of nodes with an owner that are proposed and not in the tree yet. When a session closes, this set is
   * searched for the session's ephemerals.
   */
  readonly #createdEphemerals = new Set<ChangeRecord>();
  #undo: { record: ChangeRecord; before: ChangeRecord | undefined }[] | undefined;
  readonly #digestBefore = new TreeDigest();
  readonly #pathBytes = new PathBytes();
  /**
   * The path in the last call of `has`. A create calls `has` and then `create` with the same path. `create` then uses
   * `#lastNode` and does not search again.
   */
  #lastPath = '';
  /** The node that the last call of `has` found. */
  #lastNode: NodeId = noNode;

  constructor(tree: DataTree) {
    this.#tree = tree;
    tree.onRemoving = (node) => this.#nodeRemoved(node);
  }

  get size(): number {
    return this.#byNode.size + this.#byPath.size;
  }

  /** Drops all changes. The next proposal starts from the current state of the tree. */
  reset(): void {
    this.#byNode.clear();
    this.#byPath.clear();
    this.#createdEphemerals.clear();
    this.digest.assign(this.#tree.digest);
  }

  /**
   * Returns the ephemerals that a session has after all proposals. This includes ephemerals that a proposal creates,
   * and excludes those that a proposal deletes.
   */
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

  /**
   * Returns the state of a node after all proposals; undefined if the node then does not exist. Stores no record. The
   * caller must call `change` before it modifies the returned record.
   */
  find(path: string): ChangeRecord | undefined {
    const node = this.#tree.findPath(path);
    const record = node === noNode ? this.#known(this.#byPath.get(path)) : this.#findNode(node);
    if (record !== undefined) record.path = path;
    return record;
  }

  /** Like `find`, for the path `bytes[start, end)` of a request. */
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

  /** Returns a record with the state of a node in the tree. The record is not stored until `change` is called. */
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

  /** Must be called before the proposal `zxid` changes a record that `find` returned. */
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

  /**
   * Returns the record of a node that the proposal `zxid` creates. If the path has the record of a deleted node, this
   * record is reused.
   */
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

  /** Updates the digests after the stat of a record has changed. */
  restat(record: ChangeRecord): void {
    if (!this.#tree.nodeDigests.isEnabled || !record.digested) return;
    this.digest.subtract(record.digest);
    record.digest = crc32(record.stat, 0, statDigestBytes, record.contentCrc);
    this.digest.add(record.digest);
  }

  /** Updates the digests after the data and the stat of a record have changed. The new data is `data[start, end)`. */
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

  /** Marks the node of a record as deleted by the proposal `zxid`. */
  remove(record: ChangeRecord, zxid: number, touched: ChangeRecord[]): void {
    this.change(record, zxid, touched);
    record.exists = false;
    this.digest.subtract(record.digest);
    record.digest = 0;
    record.stat.fill(0, StatOffset.ephemeralOwner);
  }

  /**
   * Called after the proposal `zxid` was applied. `touched` are the records that this proposal changed. Records that no
   * later proposal has changed are dropped.
   */
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

  /**
   * Called for a record that later proposals still need. Stores the record under its node's number if the transaction
   * that was just applied has created this node.
   */
  #lookForNode(record: ChangeRecord): void {
    const node = this.#tree.findPath(record.path);
    if (node === noNode) return;
    this.#byPath.delete(record.path);
    record.node = node;
    this.#byNode.set(node, record);
  }

  /**
   * Called before the tree removes a node. Stores the node's record under its path, because another node may get the
   * same number later.
   */
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

  /** Restores the state at the time of `begin`. */
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
