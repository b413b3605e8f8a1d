import { ErrorCode, OpCode, Reader, readMultiRequest, Writer, writeMultiHeader } from '@nodekeeper/protocol';
import { readChildren } from './get-children.js';
import { readData } from './get-data.js';
import type { Client, ReadState } from './read-state.js';

/**
 * The maximum length in bytes of the answer to a multiRead. A longer answer is refused, because a small request could
 * otherwise exhaust the server's memory.
 */
const answerBytesMax = 64 * 1024 * 1024;
/** The cost of a read is 1, plus 1 for each `costlyBytes` bytes of its answer. */
const costlyBytes = 4096;

/** Answers each read of a multiRead separately. The result of a failed read is its error code (spec 1.14.12). */
export function* readMultiRead(
  state: ReadState,
  client: Client,
  reader: Reader,
  out: Writer,
): Generator<number, number, undefined> {
  const request = new Writer(256);
  const answerStart = out.position;
  for (const op of readMultiRequest(reader)) {
    if (op.type !== OpCode.getData && op.type !== OpCode.getChildren) return ErrorCode.MARSHALLINGERROR;
    request.reset();
    request.ustring(op.request.path);
    request.bool(op.request.watch);
    const start = out.position;
    writeMultiHeader(out, { type: op.type, done: false, err: ErrorCode.OK });
    const answer = op.type === OpCode.getData ? readData : readChildren;
    const err = answer(state, client, new Reader(request.view()), out);
    if (out.position - answerStart > answerBytesMax) return ErrorCode.MARSHALLINGERROR;
    if (err === ErrorCode.MARSHALLINGERROR) return err;
    if (err !== ErrorCode.OK) {
      out.position = start;
      writeMultiHeader(out, { type: OpCode.error, done: false, err });
      out.int(err);
    }
    yield 1 + Math.floor((out.position - start) / costlyBytes);
  }
  writeMultiHeader(out, { type: -1, done: true, err: -1 });
  return ErrorCode.OK;
}
