import { ErrorCode, Perm, type Reader, type Writer } from '@nodekeeper/protocol';
import { writeChildren, writeStat } from '../tree/node-encoding.js';
import { type NodeId, noNode } from '../tree/node-table.js';
import { WatchMode } from '../watch/watch-table.js';
import { PathSpan } from './path-span.js';
import type { Client, ReadState } from './read-state.js';

const span = new PathSpan();

export function readChildren(state: ReadState, client: Client, reader: Reader, out: Writer): number {
  const node = watchedNode(state, client, reader);
  if (typeof node !== 'object') return node;
  writeChildren(state.tree, out, node.id);
  return ErrorCode.OK;
}

export function readChildren2(state: ReadState, client: Client, reader: Reader, out: Writer): number {
  const node = watchedNode(state, client, reader);
  if (typeof node !== 'object') return node;
  writeChildren(state.tree, out, node.id);
  writeStat(state.tree, out, node.id);
  return ErrorCode.OK;
}

const found: { id: NodeId } = { id: noNode };

/** The node asked for, with the child watch left if one was wanted; a number is the code of the refusal. */
function watchedNode(state: ReadState, client: Client, reader: Reader): { id: NodeId } | number {
  const path = span.read(reader);
  const watch = reader.bool();
  if (path.isNull) return ErrorCode.MARSHALLINGERROR;
  found.id = state.tree.find(path.bytes, path.start, path.end);
  if (found.id === noNode) return ErrorCode.NONODE;
  if (!state.access.allowsNode(state.tree, found.id, Perm.READ, client.ids)) return ErrorCode.NOAUTH;
  if (watch) state.watches.children.add(path.toString(), client, WatchMode.standard);
  return found;
}

/** All nodes below, at any depth; for the root Apache counts its map's entries less two (inventory 11.30). */
export function readDescendantCount(state: ReadState, client: Client, reader: Reader, out: Writer): number {
  const path = span.read(reader);
  if (path.isNull) return ErrorCode.MARSHALLINGERROR;
  const { tree } = state;
  const node = tree.find(path.bytes, path.start, path.end);
  if (node === noNode) return ErrorCode.NONODE;
  if (!state.access.allowsNode(tree, node, Perm.READ, client.ids)) return ErrorCode.NOAUTH;
  out.int(node === tree.root ? tree.count - 1 : tree.descendantCount(node));
  return ErrorCode.OK;
}
