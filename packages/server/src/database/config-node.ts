import type { DataTree } from '../tree/data-tree.js';
import { StatOffset } from '../tree/node-table.js';
import { configPath } from '../tree/system-nodes.js';

/**
 * Writes the configuration of the ensemble to the node where clients read it. Every server does this itself, without a
 * transaction, and the digest leaves the node out. The text replaces the text of a snapshot, which may be older than
 * zoo.cfg (ZOOKEEPER-2819). The Stat is the same as ZooKeeper's, including the version -1.
 */
export function fillConfigNode(
  tree: DataTree,
  { text, version }: { readonly text: string; readonly version: number },
  timeMs: number,
): void {
  const node = tree.findPath(configPath);
  const data = Buffer.from(text);
  tree.replaceData(node, data, 0, data.length);
  tree.nodes.setInt(node, StatOffset.version, -1);
  tree.nodes.setLong(node, StatOffset.mzxid, version);
  tree.nodes.setLong(node, StatOffset.mtime, timeMs);
  tree.nodeDigests.dataChanged(node);
}
