import type { DataTree } from '../tree/data-tree.js';
import { StatOffset } from '../tree/node-table.js';
import { configPath } from '../tree/system-nodes.js';

/**
 * Writes the configuration of the ensemble to `/zookeeper/config`, where clients read it. Every server does this for
 * itself, without a transaction. The tree digest does not include this node.
 *
 * A snapshot may hold a configuration that is older than zoo.cfg, so the new text replaces it (ZOOKEEPER-2819). The
 * node's Stat is the same as in ZooKeeper, including the version -1.
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
