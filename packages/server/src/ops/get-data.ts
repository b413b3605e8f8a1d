import { ErrorCode, Perm, type Reader, type Writer } from '@nodekeeper/protocol';
import { writeData, writeStat } from '../tree/node-encoding.js';
import { Field, noNode } from '../tree/node-table.js';
import { WatchMode } from '../watch/watch-table.js';
import { PathSpan } from './path-span.js';
import type { Client, ReadState } from './read-state.js';

const span = new PathSpan();

export function readData(state: ReadState, client: Client, reader: Reader, out: Writer): number {
  const path = span.read(reader);
  const watch = reader.bool();
  if (path.isNull) return ErrorCode.MARSHALLINGERROR;
  const { tree } = state;
  const node = tree.find(path.bytes, path.start, path.end);
  if (node === noNode) return ErrorCode.NONODE;
  if (!state.access.allowsNode(tree, node, Perm.READ, client.ids)) return ErrorCode.NOAUTH;
  if (watch && !state.watches.data.add(path.toString(), client, WatchMode.standard)) return ErrorCode.QUOTAEXCEEDED;
  const dataLength = Math.max(0, tree.nodes.get(node, Field.dataLength));
  state.readTraffic.add(path.bytes, path.start, path.end, dataLength);
  writeData(tree, out, node);
  writeStat(tree, out, node);
  return ErrorCode.OK;
}
