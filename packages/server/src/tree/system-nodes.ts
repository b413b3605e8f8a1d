import { type ACL, Perm } from '@nodekeeper/protocol';
import { openAclKey } from './acl-cache.js';
import type { DataTree } from './data-tree.js';
import { noNode, StatOffset } from './node-table.js';

export const configPath = '/zookeeper/config';
const readOnlyAcl: readonly ACL[] = [{ perms: Perm.READ, id: { scheme: 'world', id: 'anyone' } }];
const noData = Buffer.alloc(0);

/** Adds the nodes that the tree of every server must have (spec 1.11.7), unless the tree already has them. */
export function addSystemNodes(tree: DataTree): void {
  for (const path of ['/zookeeper', '/zookeeper/quota', configPath]) {
    if (tree.findPath(path) === noNode) addSystemNode(tree, path);
  }
}

function addSystemNode(tree: DataTree, path: string): void {
  const isConfig = path === configPath;
  const bytes = Buffer.from(path);
  const parent = tree.findParent(bytes, 0, bytes.length);
  const aclKey = isConfig ? tree.acls.acquire(readOnlyAcl) : openAclKey;
  const node = tree.insert(parent, bytes, 0, bytes.length, noData, 0, 0, aclKey);
  // The aversion is -1, as in ZooKeeper. ZooKeeper calls `DataTree.setACL` with the version -1, and this method stores
  // the version that it gets (ZOOKEEPER-2014).
  if (isConfig) tree.nodes.setInt(node, StatOffset.aversion, -1);
  tree.nodeDigests.add(node);
}
