import { Reader, readVector, Writer } from '@nodekeeper/protocol';
import type { DataTree } from '../../src/tree/data-tree.js';
import { writeChildren } from '../../src/tree/node-encoding.js';
import type { NodeId } from '../../src/tree/node-table.js';

/** Returns the names of a node's children, decoded from the bytes that a client would get. */
export function childNames(tree: DataTree, node: NodeId): string[] {
  const out = new Writer(256);
  writeChildren(tree, out, node);
  return readVector(new Reader(Buffer.from(out.view())), 4, (reader) => reader.ustring()!)!;
}
