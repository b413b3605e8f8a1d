import { type ACL, getInt } from '@nodekeeper/protocol';
import { AclCache, openAclKey } from './acl-cache.js';
import { BlobStore } from './blob-store.js';
import { type OwnerKind, type OwnerOptions, ownerKind } from './ephemeral-owner.js';
import { NodeDigests } from './node-digests.js';
import { Field, type NodeId, NodeTable, noNode, StatOffset } from './node-table.js';
import { OwnedNodes } from './owned-nodes.js';
import { PathBytes } from './path-bytes.js';
import type { HashKey } from './path-hash.js';
import { PathIndex } from './path-index.js';
import type { TreeDigest } from './tree-digest.js';
import type { TreeWalk } from './tree-walk.js';

interface TreeOptions extends OwnerOptions {
  readonly digestEnabled: boolean;
  readonly hashKey: HashKey;
}

const slash = 47;

/**
 * The tree of znodes, with an index by path and links between the nodes. The tree handles no requests, permissions or
 * watches. `TxnApplier` changes the tree in zxid order, and reads run between two changes.
 */
export class DataTree {
  readonly nodes = new NodeTable();
  readonly blobs = new BlobStore();
  readonly acls = new AclCache();
  /** The digests of the nodes. A caller that changes the data or the stat of a node must also tell this object. */
  readonly nodeDigests: NodeDigests;
  /**
   * The paths of nodes with an owner. A caller that adds or removes a node with an owner must also tell this object.
   */
  readonly owned: OwnedNodes;
  readonly options: TreeOptions;
  readonly root: NodeId;
  /** Zxid of the last transaction applied. */
  lastZxid = 0;
  /** Size of all paths and data, in bytes. */
  dataBytes = 0;
  /** Called before a node is removed. A node that is created later may get the same `NodeId`. */
  onRemoving: (node: NodeId) => void = () => {};
  readonly #index: PathIndex;
  readonly #walks = new Set<TreeWalk>();
  readonly #pathBytes = new PathBytes();

  constructor(options: TreeOptions) {
    this.options = options;
    this.nodeDigests = new NodeDigests(options.digestEnabled, this.nodes, this.blobs);
    this.owned = new OwnedNodes(options);
    this.#index = new PathIndex(this.nodes, this.blobs, options.hashKey);
    this.root = this.nodes.allocate();
    this.#initLinks(this.root, noNode);
    this.nodes.set(this.root, Field.acl, openAclKey);
    this.nodes.set(this.root, Field.dataLength, 0);
    this.nodeDigests.add(this.root);
  }

  /** The digest of the tree: the sum of the digests of all nodes. */
  get digest(): TreeDigest {
    return this.nodeDigests.sum;
  }

  // ---- lookup

  /** Returns the node at the path `bytes[start, end)`, or `noNode`. Both an empty path and `/` mean the root. */
  find(bytes: Uint8Array, start: number, end: number): NodeId {
    const length = end - start;
    if (length === 0 || (length === 1 && bytes[start] === slash)) return this.root;
    return this.#index.find(bytes, start, end);
  }

  findPath(path: string): NodeId {
    const end = this.#pathBytes.put(path);
    return this.find(this.#pathBytes.bytes, 0, end);
  }

  /** Returns the parent node of the path `bytes[start, end)`, or `noNode` if this parent does not exist. */
  findParent(bytes: Uint8Array, start: number, end: number): NodeId {
    let cut = end - 1;
    while (cut > start && bytes[cut] !== slash) cut--;
    return this.find(bytes, start, cut);
  }

  get count(): number {
    return this.nodes.count;
  }

  pathOf(node: NodeId): string {
    if (node === this.root) return '/';
    const ref = this.nodes.get(node, Field.pathRef);
    const at = this.blobs.offsetOf(ref);
    return this.blobs.slabOf(ref).toString('utf8', at, at + this.nodes.get(node, Field.pathLength));
  }

  /** Returns a copy of the node's data. Null data is not the same as empty data. */
  dataOf(node: NodeId): Buffer | null {
    const length = this.nodes.get(node, Field.dataLength);
    if (length < 0) return null;
    if (length === 0) return Buffer.alloc(0);
    const ref = this.nodes.get(node, Field.dataRef);
    const at = this.blobs.offsetOf(ref);
    return Buffer.from(this.blobs.slabOf(ref).subarray(at, at + length));
  }

  aclOf(node: NodeId): readonly ACL[] {
    return this.acls.get(this.nodes.get(node, Field.acl));
  }

  ownerOf(node: NodeId): bigint {
    return this.nodes.bigint(node, StatOffset.ephemeralOwner);
  }

  /** True if `ownerOf(node)` is not 0. Avoids the cost of a bigint, because most nodes have no owner. */
  hasOwner(node: NodeId): boolean {
    const page = this.nodes.pageOf(node);
    const at = this.nodes.baseOf(node) + StatOffset.ephemeralOwner;
    return (getInt(page, at) | getInt(page, at + 4)) !== 0;
  }

  kindOf(node: NodeId): OwnerKind {
    return this.hasOwner(node) ? ownerKind(this.ownerOf(node), this.options) : 'persistent';
  }

  /** The number of nodes below `node`. */
  descendantCount(node: NodeId): number {
    return this.nodes.get(node, Field.descendants);
  }

  /** Adds `difference` to the number of descendants of `parent` and all its ancestors. */
  #countBelow(parent: NodeId, difference: number): void {
    for (let at = parent; at !== noNode; at = this.nodes.get(at, Field.parent)) {
      this.nodes.set(at, Field.descendants, this.nodes.get(at, Field.descendants) + difference);
    }
  }

  /** Returns the node after `node` in a depth-first walk of the tree below `top`; `noNode` at the end of the walk. */
  successor(node: NodeId, top: NodeId): NodeId {
    const child = this.nodes.get(node, Field.firstChild);
    return child !== noNode ? child : this.successorOfLeaf(node, top);
  }

  successorOfLeaf(node: NodeId, top: NodeId): NodeId {
    for (let at = node; at !== top; at = this.nodes.get(at, Field.parent)) {
      const sibling = this.nodes.get(at, Field.nextSibling);
      if (sibling !== noNode) return sibling;
    }
    return noNode;
  }

  // ---- changes

  /**
   * Adds a node with an all-zero stat below `parent`. The caller must then fill in the stat and call `nodeDigests.add`.
   * The caller must also update the stat of the parent.
   */
  insert(
    parent: NodeId,
    bytes: Uint8Array,
    pathStart: number,
    pathEnd: number,
    data: Uint8Array,
    dataStart: number,
    dataEnd: number,
    aclKey: number,
  ): NodeId {
    const node = this.nodes.allocate();
    this.nodes.set(node, Field.pathRef, this.blobs.put(bytes, pathStart, pathEnd));
    this.nodes.set(node, Field.pathLength, pathEnd - pathStart);
    this.nodes.set(node, Field.pathHash, this.#index.hash(bytes, pathStart, pathEnd));
    this.nodes.set(node, Field.acl, aclKey);
    this.#storeData(node, data, dataStart, dataEnd);
    this.#initLinks(node, parent);
    const first = this.nodes.get(parent, Field.firstChild);
    this.nodes.set(node, Field.nextSibling, first);
    if (first !== noNode) this.nodes.set(first, Field.previousSibling, node);
    this.nodes.set(parent, Field.firstChild, node);
    this.nodes.set(parent, Field.childCount, this.nodes.get(parent, Field.childCount) + 1);
    this.#countBelow(parent, 1);
    this.#index.insert(node);
    this.dataBytes += pathEnd - pathStart + Math.max(0, dataEnd - dataStart);
    return node;
  }

  /** Removes a node without children. Throws if the node has children. */
  remove(node: NodeId): void {
    if (this.nodes.get(node, Field.firstChild) !== noNode) throw new Error(`${this.pathOf(node)} still has children`);
    for (const walk of this.#walks) walk.leaving(node);
    this.onRemoving(node);
    const parent = this.nodes.get(node, Field.parent);
    const previous = this.nodes.get(node, Field.previousSibling);
    const next = this.nodes.get(node, Field.nextSibling);
    if (previous === noNode) this.nodes.set(parent, Field.firstChild, next);
    else this.nodes.set(previous, Field.nextSibling, next);
    if (next !== noNode) this.nodes.set(next, Field.previousSibling, previous);
    this.nodes.set(parent, Field.childCount, this.nodes.get(parent, Field.childCount) - 1);
    this.#countBelow(parent, -1);
    this.nodeDigests.subtract(node);
    this.#index.remove(node);
    this.acls.release(this.nodes.get(node, Field.acl));
    const dataLength = Math.max(0, this.nodes.get(node, Field.dataLength));
    const pathLength = this.nodes.get(node, Field.pathLength);
    this.blobs.free(this.nodes.get(node, Field.dataRef), dataLength);
    this.blobs.free(this.nodes.get(node, Field.pathRef), pathLength);
    this.dataBytes -= pathLength + dataLength;
    this.nodes.free(node);
  }

  /**
   * Replaces the data of a node with `data[start, end)`, or with null if `end < start`. The caller must then update the
   * stat and call `nodeDigests.dataChanged`.
   */
  replaceData(node: NodeId, data: Uint8Array, start: number, end: number): void {
    const oldLength = Math.max(0, this.nodes.get(node, Field.dataLength));
    const newLength = Math.max(0, end - start);
    const ref = this.blobs.replace(this.nodes.get(node, Field.dataRef), oldLength, data, start, start + newLength);
    this.nodes.set(node, Field.dataRef, ref);
    this.nodes.set(node, Field.dataLength, end < start ? -1 : newLength);
    this.dataBytes += newLength - oldLength;
  }

  replaceAcl(node: NodeId, acl: readonly ACL[] | null): void {
    this.acls.release(this.nodes.get(node, Field.acl));
    this.nodes.set(node, Field.acl, this.acls.acquire(acl));
  }

  /**
   * Updates cversion and pzxid of the parent of a new node. Never lowers them, because a fuzzy snapshot may already
   * hold later changes (spec 1.12.5).
   */
  raiseParentVersion(parent: NodeId, parentCversion: number, zxid: number): void {
    const cversion = parentCversion === -1 ? this.nodes.int(parent, StatOffset.cversion) + 1 : parentCversion;
    if (cversion > this.nodes.int(parent, StatOffset.cversion)) {
      this.nodes.setInt(parent, StatOffset.cversion, cversion);
      this.nodes.setLong(parent, StatOffset.pzxid, zxid);
      this.nodeDigests.statChanged(parent);
    }
  }

  raisePzxid(parent: NodeId, zxid: number): void {
    if (zxid > this.nodes.long(parent, StatOffset.pzxid)) this.nodes.setLong(parent, StatOffset.pzxid, zxid);
    this.nodeDigests.statChanged(parent);
  }

  addWalk(walk: TreeWalk): void {
    this.#walks.add(walk);
  }

  removeWalk(walk: TreeWalk): void {
    this.#walks.delete(walk);
  }

  // ---- internals

  #initLinks(node: NodeId, parent: NodeId): void {
    this.nodes.set(node, Field.parent, parent);
    this.nodes.set(node, Field.firstChild, noNode);
    this.nodes.set(node, Field.nextSibling, noNode);
    this.nodes.set(node, Field.previousSibling, noNode);
    this.nodes.set(node, Field.nextInBucket, noNode);
  }

  #storeData(node: NodeId, data: Uint8Array, start: number, end: number): void {
    this.nodes.set(node, Field.dataLength, end < start ? -1 : end - start);
    this.nodes.set(node, Field.dataRef, this.blobs.put(data, start, Math.max(start, end)));
  }

  /**
   * The number of bytes before a child's name in its path. For the node /a, this is 3, because its children have paths
   * such as /a/b.
   */
  childPrefix(node: NodeId): number {
    return node === this.root ? 1 : this.nodes.get(node, Field.pathLength) + 1;
  }
}
