import { ErrorCode, type Reader, type Writer } from '@nodekeeper/protocol';
import type { Client, ReadState } from './read-state.js';

/**
 * Answers a sync of a standalone server that has no pending writes. The path of a sync has no effect.
 */
export function readSync(_state: ReadState, _client: Client, reader: Reader, out: Writer): number {
  out.ustring(reader.ustring());
  return ErrorCode.OK;
}
