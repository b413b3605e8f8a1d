import { type Cursor, decodeRecord, encodeRecord, int32, type RecordName, type RecordValue } from './records.js';

/**
 * All operations of clients: the operation code, and the records of request and reply. `reply: null` means that the
 * reply has only a header.
 */
export const operations = {
  create: { code: 1, request: 'CreateRequest', reply: 'CreateResponse' },
  delete: { code: 2, request: 'DeleteRequest', reply: null },
  exists: { code: 3, request: 'ExistsRequest', reply: 'ExistsResponse' },
  getData: { code: 4, request: 'GetDataRequest', reply: 'GetDataResponse' },
  setData: { code: 5, request: 'SetDataRequest', reply: 'SetDataResponse' },
  getACL: { code: 6, request: 'GetACLRequest', reply: 'GetACLResponse' },
  setACL: { code: 7, request: 'SetACLRequest', reply: 'SetACLResponse' },
  getChildren: { code: 8, request: 'GetChildrenRequest', reply: 'GetChildrenResponse' },
  sync: { code: 9, request: 'SyncRequest', reply: 'SyncResponse' },
  ping: { code: 11, request: null, reply: null },
  getChildren2: { code: 12, request: 'GetChildren2Request', reply: 'GetChildren2Response' },
  check: { code: 13, request: 'CheckVersionRequest', reply: null },
  multi: { code: 14, request: null, reply: null },
  create2: { code: 15, request: 'CreateRequest', reply: 'Create2Response' },
  checkWatches: { code: 17, request: 'CheckWatchesRequest', reply: null },
  removeWatches: { code: 18, request: 'RemoveWatchesRequest', reply: null },
  createContainer: { code: 19, request: 'CreateRequest', reply: 'Create2Response' },
  deleteContainer: { code: 20, request: 'DeleteContainerRequest', reply: null },
  createTTL: { code: 21, request: 'CreateTTLRequest', reply: 'Create2Response' },
  multiRead: { code: 22, request: null, reply: null },
  auth: { code: 100, request: 'AuthPacket', reply: null },
  setWatches: { code: 101, request: 'SetWatches', reply: null },
  getEphemerals: { code: 103, request: 'GetEphemeralsRequest', reply: 'GetEphemeralsResponse' },
  getAllChildrenNumber: {
    code: 104,
    request: 'GetAllChildrenNumberRequest',
    reply: 'GetAllChildrenNumberResponse',
  },
  setWatches2: { code: 105, request: 'SetWatches2', reply: null },
  addWatch: { code: 106, request: 'AddWatchRequest', reply: 'ErrorResponse' },
  whoAmI: { code: 107, request: null, reply: 'WhoAmIResponse' },
  closeSession: { code: -11, request: null, reply: null },
} as const satisfies Record<string, { code: number; request: RecordName | null; reply: RecordName | null }>;

export type OperationName = keyof typeof operations;

export interface SubRequest {
  operation: OperationName;
  value: RecordValue;
}

/** A request of a test. With `rawBody` it can contain bytes that no real client would send. */
export interface Request {
  operation: OperationName;
  value?: RecordValue;
  multi?: SubRequest[];
  /** Sent in place of the encoded body. */
  rawBody?: Buffer;
  /** Sent in place of the operation's code. */
  rawCode?: number;
}

export function encodeBody(request: Request): Buffer {
  if (request.rawBody !== undefined) return request.rawBody;
  if (request.multi !== undefined) return encodeMulti(request.multi);
  const record = operations[request.operation].request;
  return record === null ? Buffer.alloc(0) : encodeRecord(record, request.value!);
}

/** The frame of a request, including the length prefix. */
export function encodeFrame(xid: number, request: Request): Buffer {
  const code = request.rawCode ?? operations[request.operation].code;
  return withLength(Buffer.concat([int32(xid), int32(code), encodeBody(request)]));
}

export function withLength(payload: Buffer): Buffer {
  return Buffer.concat([int32(payload.length), payload]);
}

function encodeMulti(requests: SubRequest[]): Buffer {
  const chunks = requests.flatMap(({ operation, value }) => {
    const { code, request } = operations[operation];
    return [encodeRecord('MultiHeader', { type: code, done: false, err: -1 }), encodeRecord(request!, value)];
  });
  return Buffer.concat([...chunks, encodeRecord('MultiHeader', { type: -1, done: true, err: -1 })]);
}

/** Decodes the entries of a multi or multiRead reply. */
export function decodeMulti(cursor: Cursor): RecordValue[] {
  const replyOf = new Map<number, RecordName | null>([
    [1, 'CreateResponse'],
    [15, 'Create2Response'],
    [2, null],
    [5, 'SetDataResponse'],
    [13, null],
    [4, 'GetDataResponse'],
    [8, 'GetChildrenResponse'],
    [-1, 'ErrorResponse'],
  ]);
  const results: RecordValue[] = [];
  for (;;) {
    const header = decodeRecord('MultiHeader', cursor);
    if (header.done === true) return [...results, header];
    const record = replyOf.get(header.type as number);
    if (record === undefined) throw new RangeError(`a multi result of type ${header.type}`);
    results.push({ ...header, ...(record === null ? {} : decodeRecord(record, cursor)) });
  }
}
