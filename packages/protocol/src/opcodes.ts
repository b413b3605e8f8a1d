/**
 * All operations (spec 1.5), one in each row.
 *
 * - `kind`: a `write` gets a zxid and is logged. A `read` is answered from the tree. A `watch` changes only the watches
 *   of its connection. A `sync` waits for everything proposed before it. A `session` operation opens or closes a
 *   session and gets a zxid. A `control` operation concerns only the connection itself.
 * - `request` / `response`: the record after the header. It is null without a record, and `multi` for the format of
 *   `multi.ts`.
 * - `label`: the name that the four-letter word `cons` prints for the last operation of a connection.
 */
export const opTable = {
  notification: { number: 0, kind: 'control', request: null, response: 'WatcherEvent', label: 'NOTI' },
  create: { number: 1, kind: 'write', request: 'CreateRequest', response: 'CreateResponse', label: 'CREA' },
  delete: { number: 2, kind: 'write', request: 'DeleteRequest', response: null, label: 'DELE' },
  exists: { number: 3, kind: 'read', request: 'ExistsRequest', response: 'ExistsResponse', label: 'EXIS' },
  getData: { number: 4, kind: 'read', request: 'GetDataRequest', response: 'GetDataResponse', label: 'GETD' },
  setData: { number: 5, kind: 'write', request: 'SetDataRequest', response: 'SetDataResponse', label: 'SETD' },
  getACL: { number: 6, kind: 'read', request: 'GetACLRequest', response: 'GetACLResponse', label: 'GETA' },
  setACL: { number: 7, kind: 'write', request: 'SetACLRequest', response: 'SetACLResponse', label: 'SETA' },
  getChildren: {
    number: 8,
    kind: 'read',
    request: 'GetChildrenRequest',
    response: 'GetChildrenResponse',
    label: 'GETC',
  },
  sync: { number: 9, kind: 'sync', request: 'SyncRequest', response: 'SyncResponse', label: 'SYNC' },
  ping: { number: 11, kind: 'control', request: null, response: null, label: 'PING' },
  getChildren2: {
    number: 12,
    kind: 'read',
    request: 'GetChildren2Request',
    response: 'GetChildren2Response',
    label: 'GETC',
  },
  check: { number: 13, kind: 'write', request: 'CheckVersionRequest', response: null, label: 'CHEC' },
  multi: { number: 14, kind: 'write', request: 'multi', response: 'multi', label: 'MULT' },
  create2: { number: 15, kind: 'write', request: 'CreateRequest', response: 'Create2Response', label: 'CREA' },
  reconfig: { number: 16, kind: 'write', request: 'ReconfigRequest', response: 'GetDataResponse', label: 'RECO' },
  checkWatches: { number: 17, kind: 'watch', request: 'CheckWatchesRequest', response: null, label: 'CHKW' },
  removeWatches: { number: 18, kind: 'watch', request: 'RemoveWatchesRequest', response: null, label: 'REMW' },
  createContainer: { number: 19, kind: 'write', request: 'CreateRequest', response: 'Create2Response', label: 'CREA' },
  deleteContainer: { number: 20, kind: 'write', request: 'DeleteContainerRequest', response: null, label: 'DELE' },
  createTTL: { number: 21, kind: 'write', request: 'CreateTTLRequest', response: 'Create2Response', label: 'CREA' },
  multiRead: { number: 22, kind: 'read', request: 'multi', response: 'multi', label: 'MLTR' },
  auth: { number: 100, kind: 'control', request: 'AuthPacket', response: null, label: 'NA' },
  setWatches: { number: 101, kind: 'watch', request: 'SetWatches', response: null, label: 'SETW' },
  sasl: { number: 102, kind: 'control', request: 'GetSASLRequest', response: 'SetSASLResponse', label: 'NA' },
  getEphemerals: {
    number: 103,
    kind: 'read',
    request: 'GetEphemeralsRequest',
    response: 'GetEphemeralsResponse',
    label: 'GETE',
  },
  getAllChildrenNumber: {
    number: 104,
    kind: 'read',
    request: 'GetAllChildrenNumberRequest',
    response: 'GetAllChildrenNumberResponse',
    label: 'GETACN',
  },
  setWatches2: { number: 105, kind: 'watch', request: 'SetWatches2', response: null, label: 'STW2' },
  addWatch: { number: 106, kind: 'watch', request: 'AddWatchRequest', response: 'ErrorResponse', label: 'ADDW' },
  whoAmI: { number: 107, kind: 'read', request: null, response: 'WhoAmIResponse', label: 'HOMI' },
  createSession: { number: -10, kind: 'session', request: null, response: 'ConnectResponse', label: 'SESS' },
  closeSession: { number: -11, kind: 'session', request: null, response: null, label: 'CLOS' },
  error: { number: -1, kind: 'write', request: null, response: null, label: 'NA' },
} as const;

export type OpName = keyof typeof opTable;
export type OpKind = (typeof opTable)[OpName]['kind'];
export interface OpRow {
  readonly name: OpName;
  readonly number: number;
  readonly kind: OpKind;
  readonly label: string;
}

export const OpCode = Object.fromEntries(Object.entries(opTable).map(([name, row]) => [name, row.number])) as {
  readonly [Name in OpName]: (typeof opTable)[Name]['number'];
};

const byNumber = new Map<number, OpRow>(
  Object.entries(opTable).map(([name, row]) => [
    row.number,
    { name: name as OpName, number: row.number, kind: row.kind, label: row.label },
  ]),
);

/** Returns the row of an op code, or undefined for a number that ZooKeeper never assigned. */
export function opByNumber(number: number): OpRow | undefined {
  return byNumber.get(number);
}
