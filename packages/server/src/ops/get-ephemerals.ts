import { ErrorCode, putInt, type Reader, type Writer } from '@nodekeeper/protocol';
import type { Client, ReadState } from './read-state.js';

/**
 * The session's own ephemerals. The prefix is a string prefix, so `/a` also matches `/ab` (spec 1.15). A node
 * created or deleted during the walk may or may not be in the answer.
 */
export function* readEphemerals(
  state: ReadState,
  client: Client,
  reader: Reader,
  out: Writer,
): Generator<number, number, undefined> {
  const prefix = reader.ustring();
  const wantsAll = prefix === null || ['', '/'].includes(prefix.trim());
  const countAt = out.position;
  let count = 0;
  out.int(count);
  for (const path of state.tree.owned.ephemerals.get(client.sessionId) ?? []) {
    if (wantsAll || path.startsWith(prefix)) {
      out.ustring(path);
      count++;
    }
    yield 1;
  }
  putInt(out.bytes, countAt, count);
  return ErrorCode.OK;
}
