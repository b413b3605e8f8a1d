import { ErrorCode, Perm, type Reader, type Writer } from '@nodekeeper/protocol';
import { writeStat } from '../tree/node-encoding.js';
import { noNode } from '../tree/node-table.js';
import { WatchMode } from '../watch/watch-table.js';
import { PathSpan } from './path-span.js';
import type { Client, ReadState } from './read-state.js';

const span = new PathSpan();

/** Answers an exists request. This is the only read that sets its watch even if the node does not exist (spec 1.8). */
export function readExists(state: ReadState, client: Client, reader: Reader, out: Writer): number {
  const path = span.read(reader);
  const watch = reader.bool();
  if (path.isNull) return ErrorCode.MARSHALLINGERROR;
  if (path.bytes.subarray(path.start, path.end).includes(0)) return ErrorCode.BADARGUMENTS;
  const { tree } = state;
  const node = tree.find(path.bytes, path.start, path.end);
  if (node !== noNode && !state.access.allowsNode(tree, node, Perm.READ, client.ids)) return ErrorCode.NOAUTH;
  if (watch && !state.watches.data.add(path.toString(), client, WatchMode.standard)) return ErrorCode.QUOTAEXCEEDED;
  if (node === noNode) return ErrorCode.NONODE;
  state.readTraffic.add(path.bytes, path.start, path.end, 0);
  writeStat(tree, out, node);
  return ErrorCode.OK;
}
