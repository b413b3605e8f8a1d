import { ErrorCode, type Reader, type Writer } from '@nodekeeper/protocol';
import type { Client, ReadState } from './read-state.js';

/**
 * A server that decides alone has applied whatever it has acknowledged: when the session's own earlier writes are
 * through, a sync has nothing to wait for. The path is not looked at.
 */
export function readSync(_state: ReadState, _client: Client, reader: Reader, out: Writer): number {
  out.ustring(reader.ustring());
  return ErrorCode.OK;
}
