import { codecByName, type RecordName } from './any-codec.js';
import type * as records from './codecs.gen.js';
import { readMultiHeader, writeMultiHeader } from './codecs.gen.js';
import { createModes } from './constants.js';
import { ProtocolError } from './errors.js';
import { OpCode } from './opcodes.js';
import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

/*
 * The bodies of multi and multiRead (spec 1.14). A body is a list of operations or results. Each of them is a
 * MultiHeader and a record, and a closing MultiHeader ends the list. This codec is written by hand because the schema
 * cannot express a list that ends with a marker.
 */

export type MultiOp =
  | {
      type: typeof OpCode.create | typeof OpCode.create2 | typeof OpCode.createContainer;
      request: records.CreateRequest;
    }
  | { type: typeof OpCode.createTTL; request: records.CreateTTLRequest }
  | { type: typeof OpCode.delete; request: records.DeleteRequest }
  | { type: typeof OpCode.setData; request: records.SetDataRequest }
  | { type: typeof OpCode.check; request: records.CheckVersionRequest }
  | { type: typeof OpCode.getData; request: records.GetDataRequest }
  | { type: typeof OpCode.getChildren; request: records.GetChildrenRequest };

export type MultiResult =
  | { type: typeof OpCode.create; response: records.CreateResponse }
  | { type: typeof OpCode.create2; response: records.Create2Response }
  | { type: typeof OpCode.setData; response: records.SetDataResponse }
  | { type: typeof OpCode.getData; response: records.GetDataResponse }
  | { type: typeof OpCode.getChildren; response: records.GetChildrenResponse }
  | { type: typeof OpCode.delete | typeof OpCode.check; response?: undefined }
  | { type: typeof OpCode.error; response: records.ErrorResponse };

interface Row {
  readonly request: RecordName;
  /**
   * The type of the result in the reply. For every create that returns a Stat, ZooKeeper sends a result of type
   * create2.
   */
  readonly resultType: number;
  readonly response: RecordName | null;
}

const rows = new Map<number, Row>([
  [OpCode.create, { request: 'CreateRequest', resultType: OpCode.create, response: 'CreateResponse' }],
  [OpCode.create2, { request: 'CreateRequest', resultType: OpCode.create2, response: 'Create2Response' }],
  [OpCode.createContainer, { request: 'CreateRequest', resultType: OpCode.create2, response: 'Create2Response' }],
  [OpCode.createTTL, { request: 'CreateTTLRequest', resultType: OpCode.create2, response: 'Create2Response' }],
  [OpCode.delete, { request: 'DeleteRequest', resultType: OpCode.delete, response: null }],
  [OpCode.setData, { request: 'SetDataRequest', resultType: OpCode.setData, response: 'SetDataResponse' }],
  [OpCode.check, { request: 'CheckVersionRequest', resultType: OpCode.check, response: null }],
  [OpCode.getData, { request: 'GetDataRequest', resultType: OpCode.getData, response: 'GetDataResponse' }],
  [
    OpCode.getChildren,
    { request: 'GetChildrenRequest', resultType: OpCode.getChildren, response: 'GetChildrenResponse' },
  ],
]);

const isRead = (type: number) => type === OpCode.getData || type === OpCode.getChildren;

/**
 * Reads the operations of a multi or multiRead in the form that the server executes (see `normalized`). Throws
 * `ProtocolError` for an operation that a multi cannot contain, and for reads mixed with writes. Also throws
 * `ProtocolError` for a create with an unknown flag, a TTL flag or a null ACL. In all these cases, the server answers
 * the whole request with MARSHALLINGERROR.
 */
export function readMultiRequest(reader: Reader): MultiOp[] {
  const ops: MultiOp[] = [];
  for (;;) {
    const { type, done } = readMultiHeader(reader);
    if (done) return ops;
    const row = rows.get(type);
    if (row === undefined) throw new ProtocolError(`operation ${type} cannot be part of a multi`);
    const [first] = ops;
    if (first !== undefined && isRead(type) !== isRead(first.type)) {
      throw new ProtocolError('a multi cannot mix reads with writes');
    }
    ops.push(normalized({ type, request: codecByName(row.request).read(reader) } as MultiOp));
  }
}

/**
 * Converts an operation as ZooKeeper's parser does. In a multi, the flags of a create decide the kind of node, so the
 * conversion adapts the type to the flags. For example, a create with the flag of CONTAINER becomes createContainer. A
 * read in a multi never sets a watch.
 */
function normalized(op: MultiOp): MultiOp {
  switch (op.type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer: {
      const mode = createModes[op.request.flags];
      if (mode === undefined) throw new ProtocolError(`invalid flag ${op.request.flags} for a create in a multi`);
      if (mode.ttl) throw new ProtocolError(`flag ${op.request.flags} in a multi needs createTTL`);
      if (op.request.acl === null) throw new ProtocolError('a create in a multi needs an ACL');
      return mode.container ? { type: OpCode.createContainer, request: op.request } : op;
    }
    case OpCode.createTTL: {
      const mode = createModes[op.request.flags];
      if (mode?.ttl) return op;
      const { ttl: _, ...request } = op.request;
      return { type: mode?.container ? OpCode.createContainer : OpCode.create, request };
    }
    case OpCode.getData:
    case OpCode.getChildren:
      op.request.watch = false;
      return op;
    default:
      return op;
  }
}

export function writeMultiRequest(writer: Writer, ops: readonly MultiOp[]): void {
  for (const op of ops) {
    writeMultiHeader(writer, { type: op.type, done: false, err: -1 });
    codecByName(rows.get(op.type)!.request).write(writer, op.request);
  }
  writeMultiHeader(writer, { type: -1, done: true, err: -1 });
}

export function writeMultiResponse(writer: Writer, results: readonly MultiResult[]): void {
  for (const result of results) {
    const err = result.type === OpCode.error ? result.response.err : 0;
    writeMultiHeader(writer, { type: result.type, done: false, err });
    const record = responseRecord(result.type);
    if (record !== null) codecByName(record).write(writer, result.response);
  }
  writeMultiHeader(writer, { type: -1, done: true, err: -1 });
}

export function readMultiResponse(reader: Reader): MultiResult[] {
  const results: MultiResult[] = [];
  for (;;) {
    const { type, done } = readMultiHeader(reader);
    if (done) return results;
    const record = responseRecord(type);
    const resultType = rows.get(type)?.resultType ?? type;
    results.push(
      (record === null ? { type } : { type: resultType, response: codecByName(record).read(reader) }) as MultiResult,
    );
  }
}

function responseRecord(type: number): RecordName | null {
  if (type === OpCode.error) return 'ErrorResponse';
  const row = rows.get(type);
  if (row === undefined) throw new ProtocolError(`unknown result type ${type} in a multi's reply`);
  return row.response;
}
