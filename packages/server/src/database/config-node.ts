import type { DataTree } from '../tree/data-tree.js';
import { StatOffset } from '../tree/node-table.js';
import { configPath } from '../tree/system-nodes.js';

/**
 * Puts the configuration of the ensemble where clients read it. Every server does that for itself, without a transaction
 * (the digest leaves the node out), and over what a snapshot says: that may be from before a change of zoo.cfg
 * (ZOOKEEPER-2819). The Stat is Apache's, down to the version of -1.
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
