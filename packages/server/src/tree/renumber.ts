import { makeZxid } from '@nodekeeper/protocol';
import type { DataTree } from './data-tree.js';
import { type NodeId, noNode, StatOffset } from './node-table.js';

const zxidOffsets = [StatOffset.czxid, StatOffset.mzxid, StatOffset.pzxid];

/**
 * Replaces the zxids in a tree with zxids of a single epoch, without changing their order. The smallest zxid becomes
 * the first zxid of the epoch, and the next one becomes the second. 0 is not a zxid and stays 0.
 */
export function renumberZxids(tree: DataTree, epoch: number): void {
  const seen = new Set([tree.lastZxid]);
  for (const node of nodesOf(tree)) for (const offset of zxidOffsets) seen.add(tree.nodes.long(node, offset));
  seen.delete(0);
  const ascending = Float64Array.from(seen).sort();
  const renumbered = new Map([[0, 0]]);
  for (const [index, zxid] of ascending.entries()) renumbered.set(zxid, makeZxid(epoch, index + 1));
  for (const node of nodesOf(tree)) {
    for (const offset of zxidOffsets) {
      tree.nodes.setLong(node, offset, renumbered.get(tree.nodes.long(node, offset))!);
    }
    tree.nodeDigests.statChanged(node);
  }
  tree.lastZxid = renumbered.get(tree.lastZxid)!;
}

function* nodesOf(tree: DataTree): Iterable<NodeId> {
  for (let node = tree.root; node !== noNode; node = tree.successor(node, tree.root)) yield node;
}
