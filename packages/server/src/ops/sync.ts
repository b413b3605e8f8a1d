import { ErrorCode, type Reader, type Writer } from '@nodekeeper/protocol';
import type { Client, ReadState } from './read-state.js';

/**
 * A standalone server has applied everything it has acknowledged. Once the session's own earlier writes are applied, a
 * sync need not wait. The path is ignored.
 */
export function readSync(_state: ReadState, _client: Client, reader: Reader, out: Writer): number {
  out.ustring(reader.ustring());
  return ErrorCode.OK;
}
