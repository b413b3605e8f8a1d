import { type ACL, getInt, getLong, putInt } from '@nodekeeper/protocol';
import { type NodeId, noNode, StatOffset, statDigestBytes } from './node-table.js';

/** The state that a node has when all outstanding proposals are applied. */
export class ChangeRecord {
  /** The path; empty until a caller looks the record up by a string. A look-up by bytes needs no string. */
  path = '';
  /** The tree's node, or `noNode` while the tree has no node of this path. */
  node: NodeId = noNode;
  /** True if the tree's digest includes the node. */
  digested = false;
  /** The zxid of the last proposal that changed this record; 0 if no proposal did. */
  zxid = 0;
  exists = false;
  /** The stat, with its fields in digest order (see `node-table.ts`). */
  readonly stat: Buffer = Buffer.alloc(statDigestBytes);
  /** The memory of `stat` as native ints, for fast copies. */
  readonly statInts: Int32Array = new Int32Array(this.stat.buffer, this.stat.byteOffset, statDigestBytes / 4);
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
    this.node = other.node;
    this.digested = other.digested;
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
