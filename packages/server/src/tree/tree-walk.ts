import type { Writer } from '@nodekeeper/protocol';
import type { DataTree } from './data-tree.js';
import { writeSnapshotNode } from './node-encoding.js';
import { type NodeId, noNode } from './node-table.js';

/**
 * A depth-first walk, parents before children, for snapshots that are written in slices. The tree may change between
 * two slices. The walk skips a removed node. It misses a node that is added to a part already written, and the replay
 * of the log adds that node.
 */
export class TreeWalk {
  readonly #tree: DataTree;
  #next: NodeId;

  constructor(tree: DataTree) {
    this.#tree = tree;
    this.#next = tree.root;
    tree.addWalk(this);
  }

  /** Writes nodes until about `byteBudget` bytes are written. Returns false if no node is left. */
  write(writer: Writer, byteBudget: number): boolean {
    const end = writer.position + byteBudget;
    while (this.#next !== noNode && writer.position < end) {
      writeSnapshotNode(this.#tree, writer, this.#next);
      this.#next = this.#tree.successor(this.#next, this.#tree.root);
    }
    return this.#next !== noNode;
  }

  /** The tree is about to remove this leaf. */
  leaving(node: NodeId): void {
    if (node === this.#next) this.#next = this.#tree.successorOfLeaf(node, this.#tree.root);
  }

  close(): void {
    this.#tree.removeWalk(this);
  }
}
