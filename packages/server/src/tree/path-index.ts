import type { BlobStore } from './blob-store.js';
import { Field, type NodeId, type NodeTable, noNode } from './node-table.js';
import { type HashKey, pathHash } from './path-hash.js';

/**
 * A hash table that finds a node by the bytes of its path. It uses linear hashing: each insert splits at most one
 * bucket, so the server never pauses to rehash the whole table. The nodes of a bucket are linked through their records,
 * and paths are compared without a copy.
 */
const segmentShift = 12;
const segmentSize = 1 << segmentShift;

export class PathIndex {
  readonly #nodes: NodeTable;
  readonly #blobs: BlobStore;
  readonly #key: HashKey;
  readonly #segments: Int32Array[] = [new Int32Array(segmentSize).fill(noNode)];
  #bucketCount = segmentSize;
  #count = 0;

  constructor(nodes: NodeTable, blobs: BlobStore, key: HashKey) {
    this.#nodes = nodes;
    this.#blobs = blobs;
    this.#key = key;
  }

  /** The node whose path is `bytes[start, end)`, or `noNode`. */
  find(bytes: Uint8Array, start: number, end: number): NodeId {
    const hash = this.hash(bytes, start, end);
    const length = end - start;
    let node = this.#first(this.#bucketOf(hash));
    while (node !== noNode) {
      if (
        this.#nodes.get(node, Field.pathHash) === hash &&
        this.#nodes.get(node, Field.pathLength) === length &&
        this.#hasPath(node, bytes, start, end)
      ) {
        return node;
      }
      node = this.#nodes.get(node, Field.nextInBucket);
    }
    return noNode;
  }

  /** Adds a node. Its record must have the path and the `pathHash` already. */
  insert(node: NodeId): void {
    this.#link(node, this.#bucketOf(this.#nodes.get(node, Field.pathHash)));
    if (++this.#count > this.#bucketCount) this.#splitOne();
  }

  remove(node: NodeId): void {
    const bucket = this.#bucketOf(this.#nodes.get(node, Field.pathHash));
    const next = this.#nodes.get(node, Field.nextInBucket);
    let before = this.#first(bucket);
    if (before === node) {
      this.#setFirst(bucket, next);
    } else {
      while (this.#nodes.get(before, Field.nextInBucket) !== node) before = this.#nodes.get(before, Field.nextInBucket);
      this.#nodes.set(before, Field.nextInBucket, next);
    }
    this.#count--;
  }

  hash(bytes: Uint8Array, start: number, end: number): number {
    return pathHash(this.#key, bytes, start, end);
  }

  #hasPath(node: NodeId, bytes: Uint8Array, start: number, end: number): boolean {
    const ref = this.#nodes.get(node, Field.pathRef);
    const slab = this.#blobs.slabOf(ref);
    let at = this.#blobs.offsetOf(ref);
    for (let from = start; from < end; from++) if (slab[at++] !== bytes[from]) return false;
    return true;
  }

  /**
   * Returns the bucket for a hash. Its number is the lowest `bits + 1` bits of the hash. If this bucket does not exist
   * yet, its number is the lowest `bits` bits.
   */
  #bucketOf(hash: number): number {
    const bits = 31 - Math.clz32(this.#bucketCount);
    const wide = hash & ((2 << bits) - 1);
    return wide < this.#bucketCount ? wide : wide & ((1 << bits) - 1);
  }

  #splitOne(): void {
    const bits = 31 - Math.clz32(this.#bucketCount);
    const source = this.#bucketCount - (1 << bits);
    if ((this.#bucketCount & (segmentSize - 1)) === 0) this.#segments.push(new Int32Array(segmentSize).fill(noNode));
    this.#bucketCount++;
    let node = this.#first(source);
    this.#setFirst(source, noNode);
    while (node !== noNode) {
      const next = this.#nodes.get(node, Field.nextInBucket);
      this.#link(node, this.#bucketOf(this.#nodes.get(node, Field.pathHash)));
      node = next;
    }
  }

  #link(node: NodeId, bucket: number): void {
    this.#nodes.set(node, Field.nextInBucket, this.#first(bucket));
    this.#setFirst(bucket, node);
  }

  #first(bucket: number): NodeId {
    return this.#segments[bucket >>> segmentShift]![bucket & (segmentSize - 1)]!;
  }

  #setFirst(bucket: number, node: NodeId): void {
    this.#segments[bucket >>> segmentShift]![bucket & (segmentSize - 1)] = node;
  }
}
