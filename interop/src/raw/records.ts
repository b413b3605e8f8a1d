/**
 * A second declaration of the wire records. It imports nothing from @nodekeeper/protocol, because the interop tests
 * must not share that package's mistakes. It is deliberately slow and generic.
 */

export type Value = number | bigint | boolean | string | null | Buffer | Value[] | { [field: string]: Value };
export type RecordValue = { [field: string]: Value };

const schemas = {
  Id: 'scheme:ustring id:ustring',
  ACL: 'perms:int id:Id',
  Stat: 'czxid:long mzxid:long ctime:long mtime:long version:int cversion:int aversion:int ephemeralOwner:long dataLength:int numChildren:int pzxid:long',
  StatPersisted:
    'czxid:long mzxid:long ctime:long mtime:long version:int cversion:int aversion:int ephemeralOwner:long pzxid:long',
  ClientInfo: 'authScheme:ustring user:ustring',
  ConnectRequest: 'protocolVersion:int lastZxidSeen:long timeOut:int sessionId:long passwd:buffer readOnly:bool',
  ConnectResponse: 'protocolVersion:int timeOut:int sessionId:long passwd:buffer readOnly:bool',
  RequestHeader: 'xid:int type:int',
  ReplyHeader: 'xid:int zxid:long err:int',
  MultiHeader: 'type:int done:bool err:int',
  AuthPacket: 'type:int scheme:ustring auth:buffer',
  SetWatches: 'relativeZxid:long dataWatches:ustring[] existWatches:ustring[] childWatches:ustring[]',
  SetWatches2:
    'relativeZxid:long dataWatches:ustring[] existWatches:ustring[] childWatches:ustring[] persistentWatches:ustring[] persistentRecursiveWatches:ustring[]',
  CreateRequest: 'path:ustring data:buffer acl:ACL[] flags:int',
  CreateTTLRequest: 'path:ustring data:buffer acl:ACL[] flags:int ttl:long',
  DeleteRequest: 'path:ustring version:int',
  DeleteContainerRequest: 'path:buffer',
  ExistsRequest: 'path:ustring watch:bool',
  GetDataRequest: 'path:ustring watch:bool',
  SetDataRequest: 'path:ustring data:buffer version:int',
  GetACLRequest: 'path:ustring',
  SetACLRequest: 'path:ustring acl:ACL[] version:int',
  GetChildrenRequest: 'path:ustring watch:bool',
  GetChildren2Request: 'path:ustring watch:bool',
  GetAllChildrenNumberRequest: 'path:ustring',
  GetEphemeralsRequest: 'prefixPath:ustring',
  CheckVersionRequest: 'path:ustring version:int',
  SyncRequest: 'path:ustring',
  CheckWatchesRequest: 'path:ustring type:int',
  RemoveWatchesRequest: 'path:ustring type:int',
  AddWatchRequest: 'path:ustring mode:int',
  WatcherEvent: 'type:int state:int path:ustring',
  ErrorResponse: 'err:int',
  CreateResponse: 'path:ustring',
  Create2Response: 'path:ustring stat:Stat',
  ExistsResponse: 'stat:Stat',
  GetDataResponse: 'data:buffer stat:Stat',
  SetDataResponse: 'stat:Stat',
  GetACLResponse: 'acl:ACL[] stat:Stat',
  SetACLResponse: 'stat:Stat',
  GetChildrenResponse: 'children:ustring[]',
  GetChildren2Response: 'children:ustring[] stat:Stat',
  SyncResponse: 'path:ustring',
  GetEphemeralsResponse: 'ephemerals:ustring[]',
  GetAllChildrenNumberResponse: 'totalNumber:int',
  WhoAmIResponse: 'clientInfo:ClientInfo[]',
} as const;

export type RecordName = keyof typeof schemas;

const fieldsOf = new Map<string, [field: string, type: string][]>(
  Object.entries(schemas).map(([name, schema]) => [
    name,
    schema.split(' ').map((field) => field.split(':') as [string, string]),
  ]),
);

/** Encodes a record from its fields by name. Throws if a field is missing, because the test is then wrong. */
export function encodeRecord(name: RecordName, value: RecordValue): Buffer {
  const chunks: Buffer[] = [];
  write(chunks, name, value);
  return Buffer.concat(chunks);
}

function write(out: Buffer[], type: string, value: Value | undefined): void {
  if (value === undefined) throw new Error(`no value for a field of type ${type}`);
  if (type.endsWith('[]')) {
    out.push(int32(value === null ? -1 : (value as Value[]).length));
    for (const item of (value as Value[] | null) ?? []) write(out, type.slice(0, -2), item);
  } else if (type === 'int') out.push(int32(value as number));
  else if (type === 'long') out.push(int64(BigInt(value as number)));
  else if (type === 'bool') out.push(Buffer.from([value === true ? 1 : 0]));
  else if (type === 'ustring' || type === 'buffer') {
    const bytes = value === null ? null : Buffer.from(value as string);
    out.push(int32(bytes?.length ?? -1), bytes ?? Buffer.alloc(0));
  } else for (const [field, fieldType] of fieldsOf.get(type)!) write(out, fieldType, (value as RecordValue)[field]);
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt.asIntN(64, value));
  return bytes;
}

/** A position in a buffer. Reading past the end of the buffer throws a RangeError. */
export interface Cursor {
  bytes: Buffer;
  position: number;
}

export function decodeRecord(name: RecordName, cursor: Cursor): RecordValue {
  return read(name, cursor) as RecordValue;
}

function read(type: string, cursor: Cursor): Value {
  if (type.endsWith('[]')) {
    const count = readInt(cursor);
    return count < 0 ? null : Array.from({ length: count }, () => read(type.slice(0, -2), cursor));
  }
  switch (type) {
    case 'int':
      return readInt(cursor);
    case 'long':
      cursor.position += 8;
      return cursor.bytes.readBigInt64BE(cursor.position - 8);
    case 'bool':
      cursor.position += 1;
      return cursor.bytes.readInt8(cursor.position - 1) !== 0;
    case 'ustring':
      return readText(cursor);
    case 'buffer':
      return readBytes(cursor);
    default:
      return Object.fromEntries(fieldsOf.get(type)!.map(([field, fieldType]) => [field, read(fieldType, cursor)]));
  }
}

function readInt(cursor: Cursor): number {
  cursor.position += 4;
  return cursor.bytes.readInt32BE(cursor.position - 4);
}

function readBytes(cursor: Cursor): Buffer | null {
  const length = readInt(cursor);
  if (length < 0) return null;
  if (cursor.position + length > cursor.bytes.length) throw new RangeError('a string or buffer ends after its frame');
  cursor.position += length;
  return cursor.bytes.subarray(cursor.position - length, cursor.position);
}

/**
 * Reads a string. If its bytes are not valid UTF-8, the result is the bytes in hex, so that they can be compared. Java
 * encodes astral characters as surrogates, which is not valid UTF-8.
 */
function readText(cursor: Cursor): string | null {
  const bytes = readBytes(cursor);
  if (bytes === null) return null;
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : `bytes ${bytes.toString('hex')}`;
}
