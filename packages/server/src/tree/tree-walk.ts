import type { Writer } from '@nodekeeper/protocol';
import type { DataTree } from './data-tree.js';
import { writeSnapshotNode } from './node-encoding.js';
import { type NodeId, noNode } from './node-table.js';

/**
 * A depth-first walk through the tree, for a snapshot that is written in slices. Parents come before their children.
 * The tree may change between two slices. The walk skips a node that is removed before the walk reaches it. The walk
 * misses a node that is added to a part that is already written; replay of the log later adds this node.
 */
export class TreeWalk {
  readonly #tree: DataTree;
  #next: NodeId;

  constructor(tree: DataTree) {
    this.#tree = tree;
    this.#next = tree.root;
    tree.addWalk(this);
  }

  /** Writes nodes until about `byteBudget` bytes are written. Returns false if all nodes are written. */
  write(writer: Writer, byteBudget: number): boolean {
    const end = writer.position + byteBudget;
    while (this.#next !== noNode && writer.position < end) {
      writeSnapshotNode(this.#tree, writer, this.#next);
      this.#next = this.#tree.successor(this.#next, this.#tree.root);
    }
    return this.#next !== noNode;
  }

  /**
   * Called before the tree removes a leaf. If this leaf is the walk's next node, the walk continues with the node after
   * the leaf.
   */
  leaving(node: NodeId): void {
    if (node === this.#next) this.#next = this.#tree.successorOfLeaf(node, this.#tree.root);
  }

  close(): void {
    this.#tree.removeWalk(this);
  }
}
