import { ErrorCode, type MultiOp, OpCode, putInt, type Writer } from '@nodekeeper/protocol';
import { prepareCheck } from './check.js';
import { prepareCreate } from './create.js';
import { prepareDelete } from './delete.js';
import type { Preparation } from './preparation.js';
import { prepareSetData, spanOf } from './set-data.js';

/**
 * Prepares the operations of a multi one after another, so that each operation sees the changes of the earlier ones. If
 * an operation fails, all changes are rolled back, but the multi is logged nevertheless. Its transaction then holds the
 * error in place of the failed operation, and RUNTIMEINCONSISTENCY for the operations after it (spec 1.14.6-1.14.8).
 *
 * An operation also fails if the transaction becomes longer than `txnBytesMax`, because the `auth` entries of its ACL
 * are replaced by the client's ids (L-2 ZK-3496).
 */
export function prepareMulti(preparation: Preparation, ops: readonly MultiOp[], out: Writer): number {
  if (ops.some((op) => op.request.path === null || isRead(op.type))) return ErrorCode.MARSHALLINGERROR;
  preparation.changes.begin();
  let failed = false;
  out.int(ops.length);
  const firstPart = out.position;
  for (const op of ops) {
    const start = out.position;
    out.int(op.type);
    out.int(0);
    let error: number = failed ? ErrorCode.RUNTIMEINCONSISTENCY : preparePart(preparation, op, out);
    // ZooKeeper refuses the whole multi, without a result for each part, if it cannot understand a part (spec 2.1.11)
    if (error === ErrorCode.MARSHALLINGERROR) {
      preparation.changes.rollback();
      preparation.touched.length = 0;
      preparation.contentCrc = undefined;
      return error;
    }
    if (out.position - firstPart > preparation.state.txnBytesMax) error = ErrorCode.MARSHALLINGERROR;
    if (error !== ErrorCode.OK) {
      if (!failed) preparation.changes.rollback();
      failed = true;
      out.position = start;
      out.int(OpCode.error);
      out.int(4);
      out.int(error);
    } else {
      putInt(out.bytes, start + 4, out.position - start - 8);
    }
  }
  if (failed) preparation.touched.length = 0;
  else preparation.changes.commit();
  preparation.contentCrc = undefined;
  return ErrorCode.OK;
}

function preparePart(preparation: Preparation, op: MultiOp, out: Writer): number {
  switch (op.type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
      return prepareCreate(op.type, preparation, op.request, out);
    case OpCode.delete:
      return prepareDelete(preparation, op.request, out);
    case OpCode.setData:
      return prepareSetData(preparation, spanOf(op.request), out);
    case OpCode.check:
      return prepareCheck(preparation, op.request, out);
    case OpCode.getData:
    case OpCode.getChildren:
      return ErrorCode.MARSHALLINGERROR;
  }
}

/** True for reads. A multi must not contain reads; they belong in a multiRead. */
function isRead(type: number): boolean {
  return type === OpCode.getData || type === OpCode.getChildren;
}
