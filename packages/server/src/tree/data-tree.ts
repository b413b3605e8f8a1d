import { type ACL, getInt, getLong, Perm, putString } from '@nodekeeper/protocol';
import { crc32 } from '../checksum/crc32.js';
import { AclCache, openAclKey } from './acl-cache.js';
import { BlobStore } from './blob-store.js';
import { type OwnerKind, type OwnerOptions, ownerKind } from './ephemeral-owner.js';
import { Field, type NodeId, NodeTable, noNode, StatOffset, statDigestBytes } from './node-table.js';
import type { HashKey } from './path-hash.js';
import { PathIndex } from './path-index.js';
import { TreeDigest } from './tree-digest.js';
import type { TreeWalk } from './tree-walk.js';

interface TreeOptions extends OwnerOptions {
  readonly digestEnabled: boolean;
  readonly hashKey: HashKey;
}

const slash = 47;
const readOnlyAcl: readonly ACL[] = [{ perms: Perm.READ, id: { scheme: 'world', id: 'anyone' } }];

/**
 * The znodes: what a path leads to, how nodes hang together, and the digest over all of it. It knows nothing of
 * requests, permissions or watches; `apply/` changes it, in zxid order, and reads look at it in between.
 */
export class DataTree {
  readonly nodes = new NodeTable();
  readonly blobs = new BlobStore();
  readonly acls = new AclCache();
  readonly digest = new TreeDigest();
  readonly ephemerals = new Map<bigint, Set<string>>();
  readonly containers = new Set<string>();
  readonly ttls = new Set<string>();
  readonly options: TreeOptions;
  readonly root: NodeId;
  /** Zxid of the last transaction applied. */
  lastZxid = 0;
  /** Bytes of all paths and data. */
  dataBytes = 0;
  /** Told before a node goes: its number will be another's. */
  onRemoving: (node: NodeId) => void = () => {};
  readonly #index: PathIndex;
  readonly #walks = new Set<TreeWalk>();
  #scratch = Buffer.alloc(1024);

  constructor(options: TreeOptions) {
    this.options = options;
    this.#index = new PathIndex(this.nodes, this.blobs, options.hashKey);
    this.root = this.nodes.allocate();
    this.#initLinks(this.root, noNode);
    this.nodes.set(this.root, Field.acl, openAclKey);
    this.nodes.set(this.root, Field.dataLength, 0);
    this.#refreshContent(this.root);
  }

  /** The tree a new server starts with (inventory 1.11.7). */
  addSystemNodes(): void {
    for (const path of ['/zookeeper', '/zookeeper/quota', '/zookeeper/config']) {
      if (this.findPath(path) === noNode) this.#addSystemNode(path);
    }
  }

  #addSystemNode(path: string): void {
    const pathEnd = this.#encode(path);
    const parent = this.findParent(this.#scratch, 0, pathEnd);
    const isConfig = path === '/zookeeper/config';
    const node = this.insert(
      parent,
      this.#scratch,
      0,
      pathEnd,
      emptyBytes,
      0,
      0,
      isConfig ? this.acls.acquire(readOnlyAcl) : openAclKey,
    );
    // Apache sets this ACL through its setACL with version -1 (ZOOKEEPER-2014), and the digest leaves the node out.
    if (isConfig) this.nodes.setInt(node, StatOffset.aversion, -1);
    this.finishInsert(node);
  }

  // ---- looking things up

  /** The node at the path `bytes[start, end)`; both `` and `/` are the root. */
  find(bytes: Uint8Array, start: number, end: number): NodeId {
    const length = end - start;
    if (length === 0 || (length === 1 && bytes[start] === slash)) return this.root;
    return this.#index.find(bytes, start, end);
  }

  findPath(path: string): NodeId {
    const end = this.#encode(path);
    return this.find(this.#scratch, 0, end);
  }

  #encode(path: string): number {
    if (path.length * 3 > this.#scratch.length) this.#scratch = Buffer.alloc(path.length * 3);
    return putString(this.#scratch, 0, path);
  }

  /** The node one level above the path `bytes[start, end)`, or `noNode`. */
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

  /** A copy of the data; null and empty are told apart. */
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

  kindOf(node: NodeId): OwnerKind {
    const page = this.nodes.pageOf(node);
    const at = this.nodes.baseOf(node) + StatOffset.ephemeralOwner;
    if ((getInt(page, at) | getInt(page, at + 4)) === 0) return 'persistent';
    return ownerKind(this.ownerOf(node), this.options);
  }

  childNames(node: NodeId): string[] {
    const names: string[] = [];
    const prefix = this.childPrefix(node);
    for (let child = this.nodes.get(node, Field.firstChild); child !== noNode; ) {
      const ref = this.nodes.get(child, Field.pathRef);
      const at = this.blobs.offsetOf(ref);
      const end = at + this.nodes.get(child, Field.pathLength);
      names.push(this.blobs.slabOf(ref).toString('utf8', at + prefix, end));
      child = this.nodes.get(child, Field.nextSibling);
    }
    return names;
  }

  /** All nodes below `node`. */
  descendantCount(node: NodeId): number {
    return this.nodes.get(node, Field.descendants);
  }

  /** All nodes above get one more below, or one less. */
  #countBelow(parent: NodeId, difference: number): void {
    for (let at = parent; at !== noNode; at = this.nodes.get(at, Field.parent)) {
      this.nodes.set(at, Field.descendants, this.nodes.get(at, Field.descendants) + difference);
    }
  }

  /** The next node in depth-first order below `top`, or `noNode`. */
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

  // ---- changing

  /**
   * Adds a node with an all-zero stat below `parent`. The caller fills in the stat, then calls `finishInsert`; the
   * parent's own stat is the caller's business too.
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

  /** Enters a node whose stat is complete into the digest. `contentCrc`, where known, spares hashing path and data. */
  finishInsert(node: NodeId, contentCrc?: number): void {
    this.#refreshContent(node, contentCrc);
  }

  /** Removes a leaf: the caller has seen to it that there are no children. */
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
    this.digest.subtract(this.nodes.get(node, Field.digest));
    this.#index.remove(node);
    this.acls.release(this.nodes.get(node, Field.acl));
    const dataLength = Math.max(0, this.nodes.get(node, Field.dataLength));
    const pathLength = this.nodes.get(node, Field.pathLength);
    this.blobs.free(this.nodes.get(node, Field.dataRef), dataLength);
    this.blobs.free(this.nodes.get(node, Field.pathRef), pathLength);
    this.dataBytes -= pathLength + dataLength;
    this.nodes.free(node);
  }

  /** Replaces the data (`end < start` for null). The stat is the caller's; `finishChange` follows. */
  replaceData(node: NodeId, data: Uint8Array, start: number, end: number): void {
    const oldLength = Math.max(0, this.nodes.get(node, Field.dataLength));
    const newLength = Math.max(0, end - start);
    const ref = this.blobs.replace(this.nodes.get(node, Field.dataRef), oldLength, data, start, start + newLength);
    this.nodes.set(node, Field.dataRef, ref);
    this.nodes.set(node, Field.dataLength, end < start ? -1 : newLength);
    this.dataBytes += newLength - oldLength;
  }

  /** Brings the digest up to date after the data and the stat of a node changed. */
  finishChange(node: NodeId, contentCrc?: number): void {
    this.digest.subtract(this.nodes.get(node, Field.digest));
    this.#refreshContent(node, contentCrc);
  }

  /** The same where only the stat changed. */
  finishStatChange(node: NodeId): void {
    this.digest.subtract(this.nodes.get(node, Field.digest));
    this.#refreshDigest(node);
  }

  replaceAcl(node: NodeId, acl: readonly ACL[] | null): void {
    this.acls.release(this.nodes.get(node, Field.acl));
    this.nodes.set(node, Field.acl, this.acls.acquire(acl));
  }

  /** Parent changes only move forward: a fuzzy snapshot may already hold later ones (inventory 1.12.5). */
  raiseParentVersion(parent: NodeId, parentCversion: number, zxid: number): void {
    const cversion = parentCversion === -1 ? this.nodes.int(parent, StatOffset.cversion) + 1 : parentCversion;
    if (cversion > this.nodes.int(parent, StatOffset.cversion)) {
      this.nodes.setInt(parent, StatOffset.cversion, cversion);
      this.nodes.setLong(parent, StatOffset.pzxid, zxid);
      this.finishStatChange(parent);
    }
  }

  raisePzxid(parent: NodeId, zxid: number): void {
    if (zxid > this.nodes.long(parent, StatOffset.pzxid)) this.nodes.setLong(parent, StatOffset.pzxid, zxid);
    this.finishStatChange(parent);
  }

  /** Fills a node's stat from the 60 bytes of a StatPersisted. */
  loadStat(node: NodeId, bytes: Uint8Array, at: number): void {
    const page = this.nodes.pageOf(node);
    const to = this.nodes.baseOf(node);
    copy(bytes, at, page, to + StatOffset.czxid, 16);
    copy(bytes, at + 16, page, to + StatOffset.ctime, 16);
    copy(bytes, at + 32, page, to + StatOffset.version, 20);
    copy(bytes, at + 52, page, to + StatOffset.pzxid, 8);
  }

  addWalk(walk: TreeWalk): void {
    this.#walks.add(walk);
  }

  removeWalk(walk: TreeWalk): void {
    this.#walks.delete(walk);
  }

  /** Keeps the lists of ephemerals, containers and TTL nodes. */
  noteOwner(path: string, owner: bigint): void {
    const kind = ownerKind(owner, this.options);
    if (kind === 'container') this.containers.add(path);
    else if (kind === 'ttl') this.ttls.add(path);
    else if (kind === 'ephemeral') {
      const owned = this.ephemerals.get(owner);
      if (owned === undefined) this.ephemerals.set(owner, new Set([path]));
      else owned.add(path);
    }
  }

  forgetOwner(path: string, node: NodeId): void {
    const kind = this.kindOf(node);
    if (kind === 'container') this.containers.delete(path);
    else if (kind === 'ttl') this.ttls.delete(path);
    else if (kind === 'ephemeral') {
      const owner = this.ownerOf(node);
      const owned = this.ephemerals.get(owner);
      if (owned?.delete(path) && owned.size === 0) this.ephemerals.delete(owner);
    }
  }

  // ---- inside

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

  /** How many bytes of a child's path are not its name. */
  childPrefix(node: NodeId): number {
    return node === this.root ? 1 : this.nodes.get(node, Field.pathLength) + 1;
  }

  #refreshContent(node: NodeId, contentCrc?: number): void {
    if (!this.options.digestEnabled || !this.isDigested(node)) return;
    this.nodes.set(node, Field.contentCrc, contentCrc ?? this.#contentCrc(node));
    this.#refreshDigest(node);
  }

  #refreshDigest(node: NodeId): void {
    if (!this.options.digestEnabled || !this.isDigested(node)) return;
    const base = this.nodes.baseOf(node);
    const crc = crc32(this.nodes.pageOf(node), base, base + statDigestBytes, this.nodes.get(node, Field.contentCrc));
    this.nodes.set(node, Field.digest, crc);
    this.digest.add(crc);
  }

  /** CRC-32 of the path; the root's is empty. */
  pathCrc(node: NodeId): number {
    const pathLength = this.nodes.get(node, Field.pathLength);
    if (pathLength === 0) return 0;
    const pathRef = this.nodes.get(node, Field.pathRef);
    const pathAt = this.blobs.offsetOf(pathRef);
    return crc32(this.blobs.slabOf(pathRef), pathAt, pathAt + pathLength);
  }

  #contentCrc(node: NodeId): number {
    const crc = this.pathCrc(node);
    const dataLength = this.nodes.get(node, Field.dataLength);
    if (dataLength <= 0) return crc;
    const dataRef = this.nodes.get(node, Field.dataRef);
    const dataAt = this.blobs.offsetOf(dataRef);
    return crc32(this.blobs.slabOf(dataRef), dataAt, dataAt + dataLength, crc);
  }

  /** All but what lies below /zookeeper (inventory 3.6.4). */
  isDigested(node: NodeId): boolean {
    const length = this.nodes.get(node, Field.pathLength);
    if (length <= systemPrefix.length) return true;
    const ref = this.nodes.get(node, Field.pathRef);
    const slab = this.blobs.slabOf(ref);
    const at = this.blobs.offsetOf(ref);
    return !startsWith(slab, at, systemPrefix);
  }

  zxidOf(node: NodeId, offset: number): number {
    return getLong(this.nodes.pageOf(node), this.nodes.baseOf(node) + offset);
  }
}

const emptyBytes = Buffer.alloc(0);
const systemPrefix = Buffer.from('/zookeeper/');

function startsWith(bytes: Uint8Array, at: number, prefix: Uint8Array): boolean {
  for (let index = 0; index < prefix.length; index++) if (bytes[at + index] !== prefix[index]) return false;
  return true;
}

export function copy(from: Uint8Array, start: number, to: Uint8Array, at: number, count: number): void {
  for (let index = 0; index < count; index++) to[at + index] = from[start + index]!;
}
