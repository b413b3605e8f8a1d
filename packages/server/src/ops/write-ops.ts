import {
  OpCode,
  type Reader,
  readDeleteRequest,
  readMultiRequest,
  readReconfigRequest,
  readSetACLRequest,
  type Writer,
} from '@nodekeeper/protocol';
import { prepareCreate, readCreate, readCreateTtl } from './create.js';
import { prepareDelete, prepareDeleteContainer, readDeleteContainer } from './delete.js';
import { prepareMulti } from './multi.js';
import type { Preparation } from './preparation.js';
import { prepareReconfig } from './reconfig.js';
import { prepareCloseSession, prepareCreateSession } from './session.js';
import { prepareSetAcl } from './set-acl.js';
import { prepareSetData, readSetData } from './set-data.js';

/** Decodes a request of one type and prepares its transaction. */
export interface WriteOp<Request> {
  /** Decodes the request. Throws `ProtocolError` if the bytes are malformed. */
  decode(reader: Reader): Request;
  /**
   * Writes the body of the transaction to `out` and records the changes in `preparation`. Returns a result code. A code
   * other than OK means that the request is refused and nothing has changed.
   */
  prepare(preparation: Preparation, request: Request, out: Writer): number;
  /**
   * True if the zxid is assigned before the request is decoded, as in ZooKeeper. Even a malformed request then uses up
   * a zxid.
   */
  readonly zxidBeforeDecode?: boolean;
}

function creating(type: number): WriteOp<ReturnType<typeof readCreate>> {
  return {
    decode: readCreate,
    prepare: (preparation, request, out) => prepareCreate(type, preparation, request, out),
  };
}

const rows = new Map<number, WriteOp<never>>();
function row<Request>(type: number, op: WriteOp<Request>): void {
  rows.set(type, op as WriteOp<never>);
}

row(OpCode.create, creating(OpCode.create));
row(OpCode.create2, creating(OpCode.create2));
row(OpCode.createContainer, creating(OpCode.createContainer));
row(OpCode.createTTL, {
  decode: readCreateTtl,
  prepare: (preparation, request, out) => prepareCreate(OpCode.createTTL, preparation, request, out),
});
row(OpCode.delete, { decode: readDeleteRequest, prepare: prepareDelete });
row(OpCode.deleteContainer, { decode: readDeleteContainer, prepare: prepareDeleteContainer });
row(OpCode.setData, { decode: readSetData, prepare: prepareSetData });
row(OpCode.setACL, { decode: readSetACLRequest, prepare: prepareSetAcl });
row(OpCode.multi, { decode: readMultiRequest, prepare: prepareMulti, zxidBeforeDecode: true });
row(OpCode.reconfig, { decode: readReconfigRequest, prepare: prepareReconfig });
row(OpCode.createSession, { decode: (reader) => reader.int(), prepare: prepareCreateSession });
row(OpCode.closeSession, { decode: () => undefined, prepare: prepareCloseSession });

/** The operations that change the tree or a session, by op code. */
export const writeOps: ReadonlyMap<number, WriteOp<never>> = rows;
