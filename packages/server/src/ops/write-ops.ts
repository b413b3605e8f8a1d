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

/** How an operation becomes a txn. */
export interface WriteOp<Request> {
  /** Throws `ProtocolError` for malformed bytes. */
  decode(reader: Reader): Request;
  /**
   * Writes the txn's body to `out` and records the changes. A code other than OK refuses the request and changes
   * nothing.
   */
  prepare(preparation: Preparation, request: Request, out: Writer): number;
  /** ZooKeeper takes the zxid before decoding, so that even a malformed request uses one up. */
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
