import { getInt, getLong, putInt } from '@nodekeeper/protocol';

/**
 * A small integer that identifies a znode. `NodeTable` has one record of fixed size for each znode, in pages outside
 * the JavaScript heap.
 *
 * The first 60 bytes of a record are the stat. They are big-endian and in the order in which the tree digest hashes
 * them (spec 3.6.2). So the digest is computed from the record in place. The fields after the stat are native ints.
 */
export type NodeId = number;
export const noNode: NodeId = -1;

const recordBytes = 120;
const recordInts = recordBytes / 4;
const pageShift = 13;
const pageNodes = 1 << pageShift;

/** Byte offsets of the stat's fields in a record, in digest order. */
export const StatOffset = {
  czxid: 0,
  mzxid: 8,
  pzxid: 16,
  ctime: 24,
  mtime: 32,
  version: 40,
  cversion: 44,
  aversion: 48,
  ephemeralOwner: 52,
} as const;
export const statDigestBytes = 60;

/** The fields after the stat, as int indexes in a record. References (blobs, ids) use all 32 bits. */
export const Field = {
  childCount: 15,
  acl: 16,
  /** CRC-32 of path and data. If only the stat changes, the new digest is computed from this value. */
  contentCrc: 17,
  /** The node's digest: CRC-32 of path, data and stat. */
  digest: 18,
  pathRef: 19,
  pathLength: 20,
  dataRef: 21,
  /** The length of the data in bytes. It is -1 for null data, which differs from empty data. */
  dataLength: 22,
  parent: 23,
  firstChild: 24,
  nextSibling: 25,
  previousSibling: 26,
  pathHash: 27,
  nextInBucket: 28,
  /** The number of nodes below this node, at any depth. */
  descendants: 29,
} as const;
type FieldIndex = (typeof Field)[keyof typeof Field];

export class NodeTable {
  readonly #pages: Buffer[] = [];
  readonly #intPages: Int32Array[] = [];
  readonly #free: NodeId[] = [];
  #used = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Returns a node whose record is all zeroes. */
  allocate(): NodeId {
    this.#count++;
    const reused = this.#free.pop();
    if (reused !== undefined) {
      const base = this.baseOf(reused);
      this.pageOf(reused).fill(0, base, base + recordBytes);
      return reused;
    }
    if (this.#used >>> pageShift === this.#pages.length) {
      const memory = new ArrayBuffer(pageNodes * recordBytes);
      this.#pages.push(Buffer.from(memory));
      this.#intPages.push(new Int32Array(memory));
    }
    return this.#used++;
  }

  free(node: NodeId): void {
    this.#count--;
    this.#free.push(node);
  }

  /** The page that holds the record of a node. The record starts at `baseOf(node)` in this page. */
  pageOf(node: NodeId): Buffer {
    return this.#pages[node >>> pageShift]!;
  }

  baseOf(node: NodeId): number {
    return (node & (pageNodes - 1)) * recordBytes;
  }

  get(node: NodeId, field: FieldIndex): number {
    return this.#intPages[node >>> pageShift]![(node & (pageNodes - 1)) * recordInts + field]!;
  }

  set(node: NodeId, field: FieldIndex, value: number): void {
    this.#intPages[node >>> pageShift]![(node & (pageNodes - 1)) * recordInts + field] = value;
  }

  /** Copies the 60 bytes of a node's stat to `target`, as fifteen native ints. */
  copyStat(node: NodeId, target: Int32Array): void {
    const page = this.#intPages[node >>> pageShift]!;
    const base = (node & (pageNodes - 1)) * recordInts;
    for (let at = 0; at < statDigestBytes / 4; at++) target[at] = page[base + at]!;
  }

  int(node: NodeId, offset: number): number {
    return getInt(this.pageOf(node), this.baseOf(node) + offset);
  }

  setInt(node: NodeId, offset: number, value: number): void {
    putInt(this.pageOf(node), this.baseOf(node) + offset, value);
  }

  long(node: NodeId, offset: number): number {
    return getLong(this.pageOf(node), this.baseOf(node) + offset);
  }

  setLong(node: NodeId, offset: number, value: number): void {
    const page = this.pageOf(node);
    putInt(page, putInt(page, this.baseOf(node) + offset, Math.floor(value / 0x100000000)), value | 0);
  }

  bigint(node: NodeId, offset: number): bigint {
    return this.pageOf(node).readBigInt64BE(this.baseOf(node) + offset);
  }

  setBigint(node: NodeId, offset: number, value: bigint): void {
    this.pageOf(node).writeBigInt64BE(BigInt.asIntN(64, value), this.baseOf(node) + offset);
  }
}
