import { ErrorCode, type Reader, type Writer } from '@nodekeeper/protocol';
import type { Client, ReadState } from './read-state.js';

/**
 * Answers a sync at once, because a standalone server has applied every write that it has acknowledged. The session's
 * own earlier writes are applied before this call. The path of a sync has no effect.
 */
export function readSync(_state: ReadState, _client: Client, reader: Reader, out: Writer): number {
  out.ustring(reader.ustring());
  return ErrorCode.OK;
}
