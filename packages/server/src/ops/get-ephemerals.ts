import { ErrorCode, type Reader, type Writer, writeVector } from '@nodekeeper/protocol';
import type { Client, ReadState } from './read-state.js';

/** The session's own ephemerals; the prefix is of the string, so `/a` also matches `/ab` (inventory 1.15). */
export function readEphemerals(state: ReadState, client: Client, reader: Reader, out: Writer): number {
  const prefix = reader.ustring();
  const owned = [...(state.tree.ephemerals.get(client.sessionId) ?? [])];
  const wantsAll = prefix === null || ['', '/'].includes(prefix.trim());
  const paths = wantsAll ? owned : owned.filter((path) => path.startsWith(prefix));
  writeVector(out, paths, (writer, path) => writer.ustring(path));
  return ErrorCode.OK;
}
