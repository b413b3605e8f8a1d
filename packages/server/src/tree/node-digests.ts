import { crc32 } from '../checksum/crc32.js';
import type { BlobStore } from './blob-store.js';
import { Field, type NodeId, type NodeTable, statDigestBytes } from './node-table.js';
import { TreeDigest } from './tree-digest.js';

const systemPrefix = '/zookeeper/';
const systemPrefixBytes = Buffer.from(systemPrefix);

/**
 * True if the digest of the tree includes the node at this path. The digest includes no node below /zookeeper (spec
 * 3.6.4).
 */
export function hasDigest(path: string): boolean {
  return !path.startsWith(systemPrefix);
}

/**
 * Maintains the digest of each node, and the sum of all node digests. A node's record stores the digest, and also the
 * CRC-32 of path and data. So if only the stat changes, only the 60 bytes of the stat are hashed again.
 */
export class NodeDigests {
  /** The digest of the tree: the sum of the digests of all nodes. */
  readonly sum = new TreeDigest();
  readonly isEnabled: boolean;
  readonly #nodes: NodeTable;
  readonly #blobs: BlobStore;

  constructor(isEnabled: boolean, nodes: NodeTable, blobs: BlobStore) {
    this.isEnabled = isEnabled;
    this.#nodes = nodes;
    this.#blobs = blobs;
  }

  /**
   * Adds the digest of a node, whose stat must be complete. `contentCrc` is the CRC-32 of path and data, if the caller
   * has computed it already.
   */
  add(node: NodeId, contentCrc?: number): void {
    if (!this.isEnabled || !this.includes(node)) return;
    this.#nodes.set(node, Field.contentCrc, contentCrc ?? this.#contentCrc(node));
    this.#addDigest(node);
  }

  subtract(node: NodeId): void {
    this.sum.subtract(this.#nodes.get(node, Field.digest));
  }

  /** Updates the digests after the data of a node has changed, and possibly its stat too. */
  dataChanged(node: NodeId, contentCrc?: number): void {
    this.subtract(node);
    this.add(node, contentCrc);
  }

  /** Updates the digests after only the stat of a node has changed. */
  statChanged(node: NodeId): void {
    this.subtract(node);
    if (this.isEnabled && this.includes(node)) this.#addDigest(node);
  }

  #addDigest(node: NodeId): void {
    const nodes = this.#nodes;
    const base = nodes.baseOf(node);
    const crc = crc32(nodes.pageOf(node), base, base + statDigestBytes, nodes.get(node, Field.contentCrc));
    nodes.set(node, Field.digest, crc);
    this.sum.add(crc);
  }

  /** Returns the CRC-32 of a node's path. The path of the root is empty. */
  pathCrc(node: NodeId): number {
    const length = this.#nodes.get(node, Field.pathLength);
    if (length === 0) return 0;
    const ref = this.#nodes.get(node, Field.pathRef);
    const at = this.#blobs.offsetOf(ref);
    return crc32(this.#blobs.slabOf(ref), at, at + length);
  }

  #contentCrc(node: NodeId): number {
    const crc = this.pathCrc(node);
    const length = this.#nodes.get(node, Field.dataLength);
    if (length <= 0) return crc;
    const ref = this.#nodes.get(node, Field.dataRef);
    const at = this.#blobs.offsetOf(ref);
    return crc32(this.#blobs.slabOf(ref), at, at + length, crc);
  }

  /** True if the digest of the tree includes this node. The rule is the same as in `hasDigest`. */
  includes(node: NodeId): boolean {
    const length = this.#nodes.get(node, Field.pathLength);
    if (length <= systemPrefixBytes.length) return true;
    const ref = this.#nodes.get(node, Field.pathRef);
    const slab = this.#blobs.slabOf(ref);
    const at = this.#blobs.offsetOf(ref);
    for (let index = 0; index < systemPrefixBytes.length; index++) {
      if (slab[at + index] !== systemPrefixBytes[index]) return true;
    }
    return false;
  }
}
