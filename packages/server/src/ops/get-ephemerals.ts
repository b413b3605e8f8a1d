import { ErrorCode, putInt, type Reader, type Writer } from '@nodekeeper/protocol';
import type { Client, ReadState } from './read-state.js';

/**
 * Lists the ephemerals of the client's own session whose path begins with a prefix. The prefix is compared as a string,
 * so `/a` also matches `/ab` (spec 1.15). A node that is created or deleted while the list is made may or may not be in
 * the list.
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
