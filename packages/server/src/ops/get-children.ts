import { ErrorCode, Perm, type Reader, type Writer } from '@nodekeeper/protocol';
import { writeChildren, writeStat } from '../tree/node-encoding.js';
import { Field, type NodeId, noNode } from '../tree/node-table.js';
import { WatchMode } from '../watch/watch-table.js';
import { PathSpan } from './path-span.js';
import type { Client, ReadState } from './read-state.js';

const span = new PathSpan();

export function readChildren(state: ReadState, client: Client, reader: Reader, out: Writer): number {
  const node = watchedNode(state, client, reader);
  if (typeof node !== 'object') return node;
  writeNames(state, out, node.id);
  return ErrorCode.OK;
}

export function readChildren2(state: ReadState, client: Client, reader: Reader, out: Writer): number {
  const node = watchedNode(state, client, reader);
  if (typeof node !== 'object') return node;
  writeNames(state, out, node.id);
  writeStat(state.tree, out, node.id);
  return ErrorCode.OK;
}

function writeNames(state: ReadState, out: Writer, node: NodeId): void {
  const before = out.position;
  writeChildren(state.tree, out, node);
  const namesLength = out.position - before - 4 - 4 * state.tree.nodes.get(node, Field.childCount);
  state.readTraffic.add(span.bytes, span.start, span.end, namesLength);
}

const found: { id: NodeId } = { id: noNode };

/** Finds the node and sets a child watch if the client wants one. Returns an error code if the request is refused. */
function watchedNode(state: ReadState, client: Client, reader: Reader): { id: NodeId } | number {
  const path = span.read(reader);
  const watch = reader.bool();
  if (path.isNull) return ErrorCode.MARSHALLINGERROR;
  found.id = state.tree.find(path.bytes, path.start, path.end);
  if (found.id === noNode) return ErrorCode.NONODE;
  if (!state.access.allowsNode(state.tree, found.id, Perm.READ, client.ids)) return ErrorCode.NOAUTH;
  if (watch && !state.watches.children.add(path.toString(), client, WatchMode.standard)) return ErrorCode.QUOTAEXCEEDED;
  return found;
}

/**
 * Answers with the number of nodes below a node, at any depth. For the root, the result is the same as in ZooKeeper
 * (spec 11.30). ZooKeeper counts the paths in a map that has two paths for the root: `/` and the empty path. If a
 * client asks for `/`, ZooKeeper counts neither of these two. If a client asks for the empty path, ZooKeeper counts all
 * paths that begin with a slash, which include `/`.
 */
export function readDescendantCount(state: ReadState, client: Client, reader: Reader, out: Writer): number {
  const path = span.read(reader);
  if (path.isNull) return ErrorCode.MARSHALLINGERROR;
  const { tree } = state;
  const node = tree.find(path.bytes, path.start, path.end);
  if (node === noNode) return ErrorCode.NONODE;
  if (!state.access.allowsNode(tree, node, Perm.READ, client.ids)) return ErrorCode.NOAUTH;
  const isEmptyPath = path.end === path.start;
  out.int(node === tree.root ? tree.count - (isEmptyPath ? 0 : 1) : tree.descendantCount(node));
  return ErrorCode.OK;
}
