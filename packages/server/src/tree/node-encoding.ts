import { getInt, putInt, type Writer } from '@nodekeeper/protocol';
import type { DataTree } from './data-tree.js';
import { Field, type NodeId, noNode, StatOffset, statDigestBytes } from './node-table.js';

/* These functions encode znodes for replies and snapshots. They copy bytes directly from the memory of the tree. */

const statBytes = 68;

/**
 * Writes the 68 bytes of a Stat as clients see it (spec 1.12). The cversion in a Stat counts created and deleted
 * children, but the tree stores only the number of created children. Only ephemeral nodes have an `ephemeralOwner` in a
 * Stat.
 */
export function writeStat(tree: DataTree, writer: Writer, node: NodeId): void {
  writer.reserve(statBytes);
  const out = writer.bytes;
  const page = tree.nodes.pageOf(node);
  const from = tree.nodes.baseOf(node);
  const to = writer.position;
  copy(page, from + StatOffset.czxid, out, to, 16);
  copy(page, from + StatOffset.ctime, out, to + 16, 16);
  copy(page, from + StatOffset.version, out, to + 32, 4);
  const children = tree.nodes.get(node, Field.childCount);
  putInt(out, to + 36, 2 * getInt(page, from + StatOffset.cversion) - children);
  copy(page, from + StatOffset.aversion, out, to + 40, 4);
  if (tree.kindOf(node) === 'ephemeral') copy(page, from + StatOffset.ephemeralOwner, out, to + 44, 8);
  else out.fill(0, to + 44, to + 52);
  putInt(out, to + 52, Math.max(0, tree.nodes.get(node, Field.dataLength)));
  putInt(out, to + 56, children);
  copy(page, from + StatOffset.pzxid, out, to + 60, 8);
  writer.position = to + statBytes;
}

export function writeData(tree: DataTree, writer: Writer, node: NodeId): void {
  const length = tree.nodes.get(node, Field.dataLength);
  writer.int(length);
  if (length <= 0) return;
  const ref = tree.nodes.get(node, Field.dataRef);
  const at = tree.blobs.offsetOf(ref);
  writer.raw(tree.blobs.slabOf(ref), at, at + length);
}

/** Writes the names of a node's children as a vector<ustring>. */
export function writeChildren(tree: DataTree, writer: Writer, node: NodeId): void {
  writer.int(tree.nodes.get(node, Field.childCount));
  const prefix = tree.childPrefix(node);
  for (let child = tree.nodes.get(node, Field.firstChild); child !== noNode; ) {
    const ref = tree.nodes.get(child, Field.pathRef);
    const at = tree.blobs.offsetOf(ref) + prefix;
    const length = tree.nodes.get(child, Field.pathLength) - prefix;
    writer.int(length);
    writer.raw(tree.blobs.slabOf(ref), at, at + length);
    child = tree.nodes.get(child, Field.nextSibling);
  }
}

/** Writes an entry of a snapshot: path, data, ACL number and StatPersisted (spec 3.3). */
export function writeSnapshotNode(tree: DataTree, writer: Writer, node: NodeId): void {
  const pathLength = tree.nodes.get(node, Field.pathLength);
  writer.int(pathLength);
  if (pathLength > 0) {
    const ref = tree.nodes.get(node, Field.pathRef);
    const at = tree.blobs.offsetOf(ref);
    writer.raw(tree.blobs.slabOf(ref), at, at + pathLength);
  }
  writeData(tree, writer, node);
  writer.long(tree.nodes.get(node, Field.acl));
  const page = tree.nodes.pageOf(node);
  const from = tree.nodes.baseOf(node);
  writer.raw(page, from + StatOffset.czxid, from + StatOffset.czxid + 16);
  writer.raw(page, from + StatOffset.ctime, from + StatOffset.ctime + 16);
  writer.raw(page, from + StatOffset.version, from + statDigestBytes);
  writer.raw(page, from + StatOffset.pzxid, from + StatOffset.pzxid + 8);
}

/** Fills the stat of a node from the 60 bytes of a StatPersisted. `writeSnapshotNode` writes the same format. */
export function loadStat(tree: DataTree, node: NodeId, bytes: Uint8Array, at: number): void {
  const page = tree.nodes.pageOf(node);
  const to = tree.nodes.baseOf(node);
  copy(bytes, at, page, to + StatOffset.czxid, 16);
  copy(bytes, at + 16, page, to + StatOffset.ctime, 16);
  copy(bytes, at + 32, page, to + StatOffset.version, 20);
  copy(bytes, at + 52, page, to + StatOffset.pzxid, 8);
}

function copy(from: Uint8Array, start: number, to: Uint8Array, at: number, count: number): void {
  for (let index = 0; index < count; index++) to[at + index] = from[start + index]!;
}
