import { crc32 } from '../checksum/crc32.js';
import type { BlobStore } from './blob-store.js';
import { Field, type NodeId, type NodeTable, statDigestBytes } from './node-table.js';
import { TreeDigest } from './tree-digest.js';

const systemPrefix = '/zookeeper/';
const systemPrefixBytes = Buffer.from(systemPrefix);

/** The nodes below /zookeeper have no digest (spec 3.6.4). */
export function hasDigest(path: string): boolean {
  return !path.startsWith(systemPrefix);
}

/**
 * The digest of each node, kept in its record, and the sum of all digests. The record also keeps the CRC-32 of path and
 * data. If only the stat has changed, a new digest costs 60 bytes.
 */
export class NodeDigests {
  /** The digest of the tree. */
  readonly sum = new TreeDigest();
  readonly isEnabled: boolean;
  readonly #nodes: NodeTable;
  readonly #blobs: BlobStore;

  constructor(isEnabled: boolean, nodes: NodeTable, blobs: BlobStore) {
    this.isEnabled = isEnabled;
    this.#nodes = nodes;
    this.#blobs = blobs;
  }

  /** Adds a node with a complete stat. With `contentCrc`, path and data need not be hashed. */
  add(node: NodeId, contentCrc?: number): void {
    if (!this.isEnabled || !this.includes(node)) return;
    this.#nodes.set(node, Field.contentCrc, contentCrc ?? this.#contentCrc(node));
    this.#addDigest(node);
  }

  subtract(node: NodeId): void {
    this.sum.subtract(this.#nodes.get(node, Field.digest));
  }

  /** The data of a node has changed, and possibly its stat. */
  dataChanged(node: NodeId, contentCrc?: number): void {
    this.subtract(node);
    this.add(node, contentCrc);
  }

  /** Only the stat of a node has changed. */
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

  /** CRC-32 of the path; the root's is empty. */
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

  /** `hasDigest` for a node of the tree. */
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
