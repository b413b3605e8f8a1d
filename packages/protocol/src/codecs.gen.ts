// Made by scripts/generate-codecs.ts from src/records: change those, then `npm run generate`.
import type { Reader } from './reader.js';
import { ReadStat } from './stat.js';
import { readVector, writeVector } from './vector.js';
import type { Writer } from './writer.js';

export interface Id {
  scheme: string | null;
  id: string | null;
}

export function readId(reader: Reader): Id {
  return {
    scheme: reader.ustring(),
    id: reader.ustring(),
  };
}

export function writeId(writer: Writer, value: Id): void {
  writer.ustring(value.scheme);
  writer.ustring(value.id);
}

export interface ACL {
  perms: number;
  id: Id;
}

export function readACL(reader: Reader): ACL {
  return {
    perms: reader.int(),
    id: readId(reader),
  };
}

export function writeACL(writer: Writer, value: ACL): void {
  writer.int(value.perms);
  writeId(writer, value.id);
}

export interface Stat {
  czxid: number;
  mzxid: number;
  ctime: number;
  mtime: number;
  version: number;
  cversion: number;
  aversion: number;
  ephemeralOwner: bigint;
  dataLength: number;
  numChildren: number;
  pzxid: number;
}

export function readStat(reader: Reader): Stat {
  return new ReadStat(
    reader.long(),
    reader.long(),
    reader.long(),
    reader.long(),
    reader.int(),
    reader.int(),
    reader.int(),
    reader.longBig(),
    reader.int(),
    reader.int(),
    reader.long(),
  );
}

export function writeStat(writer: Writer, value: Stat): void {
  writer.long(value.czxid);
  writer.long(value.mzxid);
  writer.long(value.ctime);
  writer.long(value.mtime);
  writer.int(value.version);
  writer.int(value.cversion);
  writer.int(value.aversion);
  writer.longBig(value.ephemeralOwner);
  writer.int(value.dataLength);
  writer.int(value.numChildren);
  writer.long(value.pzxid);
}

export interface StatPersisted {
  czxid: number;
  mzxid: number;
  ctime: number;
  mtime: number;
  version: number;
  cversion: number;
  aversion: number;
  ephemeralOwner: bigint;
  pzxid: number;
}

export function readStatPersisted(reader: Reader): StatPersisted {
  return {
    czxid: reader.long(),
    mzxid: reader.long(),
    ctime: reader.long(),
    mtime: reader.long(),
    version: reader.int(),
    cversion: reader.int(),
    aversion: reader.int(),
    ephemeralOwner: reader.longBig(),
    pzxid: reader.long(),
  };
}

export function writeStatPersisted(writer: Writer, value: StatPersisted): void {
  writer.long(value.czxid);
  writer.long(value.mzxid);
  writer.long(value.ctime);
  writer.long(value.mtime);
  writer.int(value.version);
  writer.int(value.cversion);
  writer.int(value.aversion);
  writer.longBig(value.ephemeralOwner);
  writer.long(value.pzxid);
}

export interface ClientInfo {
  authScheme: string | null;
  user: string | null;
}

export function readClientInfo(reader: Reader): ClientInfo {
  return {
    authScheme: reader.ustring(),
    user: reader.ustring(),
  };
}

export function writeClientInfo(writer: Writer, value: ClientInfo): void {
  writer.ustring(value.authScheme);
  writer.ustring(value.user);
}

export interface ConnectRequest {
  protocolVersion: number;
  lastZxidSeen: number;
  timeOut: number;
  sessionId: bigint;
  passwd: Buffer | null;
  readOnly: boolean;
}

export function readConnectRequest(reader: Reader): ConnectRequest {
  return {
    protocolVersion: reader.int(),
    lastZxidSeen: reader.long(),
    timeOut: reader.int(),
    sessionId: reader.longBig(),
    passwd: reader.buffer(),
    readOnly: reader.bool(),
  };
}

export function writeConnectRequest(writer: Writer, value: ConnectRequest): void {
  writer.int(value.protocolVersion);
  writer.long(value.lastZxidSeen);
  writer.int(value.timeOut);
  writer.longBig(value.sessionId);
  writer.buffer(value.passwd);
  writer.bool(value.readOnly);
}

export interface ConnectResponse {
  protocolVersion: number;
  timeOut: number;
  sessionId: bigint;
  passwd: Buffer | null;
  readOnly: boolean;
}

export function readConnectResponse(reader: Reader): ConnectResponse {
  return {
    protocolVersion: reader.int(),
    timeOut: reader.int(),
    sessionId: reader.longBig(),
    passwd: reader.buffer(),
    readOnly: reader.bool(),
  };
}

export function writeConnectResponse(writer: Writer, value: ConnectResponse): void {
  writer.int(value.protocolVersion);
  writer.int(value.timeOut);
  writer.longBig(value.sessionId);
  writer.buffer(value.passwd);
  writer.bool(value.readOnly);
}

export interface RequestHeader {
  xid: number;
  type: number;
}

export function readRequestHeader(reader: Reader): RequestHeader {
  return {
    xid: reader.int(),
    type: reader.int(),
  };
}

export function writeRequestHeader(writer: Writer, value: RequestHeader): void {
  writer.int(value.xid);
  writer.int(value.type);
}

export interface ReplyHeader {
  xid: number;
  zxid: number;
  err: number;
}

export function readReplyHeader(reader: Reader): ReplyHeader {
  return {
    xid: reader.int(),
    zxid: reader.long(),
    err: reader.int(),
  };
}

export function writeReplyHeader(writer: Writer, value: ReplyHeader): void {
  writer.int(value.xid);
  writer.long(value.zxid);
  writer.int(value.err);
}

export interface MultiHeader {
  type: number;
  done: boolean;
  err: number;
}

export function readMultiHeader(reader: Reader): MultiHeader {
  return {
    type: reader.int(),
    done: reader.bool(),
    err: reader.int(),
  };
}

export function writeMultiHeader(writer: Writer, value: MultiHeader): void {
  writer.int(value.type);
  writer.bool(value.done);
  writer.int(value.err);
}

export interface AuthPacket {
  type: number;
  scheme: string | null;
  auth: Buffer | null;
}

export function readAuthPacket(reader: Reader): AuthPacket {
  return {
    type: reader.int(),
    scheme: reader.ustring(),
    auth: reader.buffer(),
  };
}

export function writeAuthPacket(writer: Writer, value: AuthPacket): void {
  writer.int(value.type);
  writer.ustring(value.scheme);
  writer.buffer(value.auth);
}

export interface SetWatches {
  relativeZxid: number;
  dataWatches: (string | null)[] | null;
  existWatches: (string | null)[] | null;
  childWatches: (string | null)[] | null;
}

export function readSetWatches(reader: Reader): SetWatches {
  return {
    relativeZxid: reader.long(),
    dataWatches: readVector(reader, 4, (reader) => reader.ustring()),
    existWatches: readVector(reader, 4, (reader) => reader.ustring()),
    childWatches: readVector(reader, 4, (reader) => reader.ustring()),
  };
}

export function writeSetWatches(writer: Writer, value: SetWatches): void {
  writer.long(value.relativeZxid);
  writeVector(writer, value.dataWatches, (writer, item) => writer.ustring(item));
  writeVector(writer, value.existWatches, (writer, item) => writer.ustring(item));
  writeVector(writer, value.childWatches, (writer, item) => writer.ustring(item));
}

export interface SetWatches2 {
  relativeZxid: number;
  dataWatches: (string | null)[] | null;
  existWatches: (string | null)[] | null;
  childWatches: (string | null)[] | null;
  persistentWatches: (string | null)[] | null;
  persistentRecursiveWatches: (string | null)[] | null;
}

export function readSetWatches2(reader: Reader): SetWatches2 {
  return {
    relativeZxid: reader.long(),
    dataWatches: readVector(reader, 4, (reader) => reader.ustring()),
    existWatches: readVector(reader, 4, (reader) => reader.ustring()),
    childWatches: readVector(reader, 4, (reader) => reader.ustring()),
    persistentWatches: readVector(reader, 4, (reader) => reader.ustring()),
    persistentRecursiveWatches: readVector(reader, 4, (reader) => reader.ustring()),
  };
}

export function writeSetWatches2(writer: Writer, value: SetWatches2): void {
  writer.long(value.relativeZxid);
  writeVector(writer, value.dataWatches, (writer, item) => writer.ustring(item));
  writeVector(writer, value.existWatches, (writer, item) => writer.ustring(item));
  writeVector(writer, value.childWatches, (writer, item) => writer.ustring(item));
  writeVector(writer, value.persistentWatches, (writer, item) => writer.ustring(item));
  writeVector(writer, value.persistentRecursiveWatches, (writer, item) => writer.ustring(item));
}

export interface WatcherEvent {
  type: number;
  state: number;
  path: string | null;
}

export function readWatcherEvent(reader: Reader): WatcherEvent {
  return {
    type: reader.int(),
    state: reader.int(),
    path: reader.ustring(),
  };
}

export function writeWatcherEvent(writer: Writer, value: WatcherEvent): void {
  writer.int(value.type);
  writer.int(value.state);
  writer.ustring(value.path);
}

export interface ErrorResponse {
  err: number;
}

export function readErrorResponse(reader: Reader): ErrorResponse {
  return {
    err: reader.int(),
  };
}

export function writeErrorResponse(writer: Writer, value: ErrorResponse): void {
  writer.int(value.err);
}

export interface CreateRequest {
  path: string | null;
  data: Buffer | null;
  acl: ACL[] | null;
  flags: number;
}

export function readCreateRequest(reader: Reader): CreateRequest {
  return {
    path: reader.ustring(),
    data: reader.buffer(),
    acl: readVector(reader, 12, readACL),
    flags: reader.int(),
  };
}

export function writeCreateRequest(writer: Writer, value: CreateRequest): void {
  writer.ustring(value.path);
  writer.buffer(value.data);
  writeVector(writer, value.acl, writeACL);
  writer.int(value.flags);
}

export interface CreateTTLRequest {
  path: string | null;
  data: Buffer | null;
  acl: ACL[] | null;
  flags: number;
  ttl: bigint;
}

export function readCreateTTLRequest(reader: Reader): CreateTTLRequest {
  return {
    path: reader.ustring(),
    data: reader.buffer(),
    acl: readVector(reader, 12, readACL),
    flags: reader.int(),
    ttl: reader.longBig(),
  };
}

export function writeCreateTTLRequest(writer: Writer, value: CreateTTLRequest): void {
  writer.ustring(value.path);
  writer.buffer(value.data);
  writeVector(writer, value.acl, writeACL);
  writer.int(value.flags);
  writer.longBig(value.ttl);
}

export interface CreateResponse {
  path: string | null;
}

export function readCreateResponse(reader: Reader): CreateResponse {
  return {
    path: reader.ustring(),
  };
}

export function writeCreateResponse(writer: Writer, value: CreateResponse): void {
  writer.ustring(value.path);
}

export interface Create2Response {
  path: string | null;
  stat: Stat;
}

export function readCreate2Response(reader: Reader): Create2Response {
  return {
    path: reader.ustring(),
    stat: readStat(reader),
  };
}

export function writeCreate2Response(writer: Writer, value: Create2Response): void {
  writer.ustring(value.path);
  writeStat(writer, value.stat);
}

export interface DeleteRequest {
  path: string | null;
  version: number;
}

export function readDeleteRequest(reader: Reader): DeleteRequest {
  return {
    path: reader.ustring(),
    version: reader.int(),
  };
}

export function writeDeleteRequest(writer: Writer, value: DeleteRequest): void {
  writer.ustring(value.path);
  writer.int(value.version);
}

export interface DeleteContainerRequest {
  path: Buffer | null;
}

export function readDeleteContainerRequest(reader: Reader): DeleteContainerRequest {
  return {
    path: reader.buffer(),
  };
}

export function writeDeleteContainerRequest(writer: Writer, value: DeleteContainerRequest): void {
  writer.buffer(value.path);
}

export interface ExistsRequest {
  path: string | null;
  watch: boolean;
}

export function readExistsRequest(reader: Reader): ExistsRequest {
  return {
    path: reader.ustring(),
    watch: reader.bool(),
  };
}

export function writeExistsRequest(writer: Writer, value: ExistsRequest): void {
  writer.ustring(value.path);
  writer.bool(value.watch);
}

export interface ExistsResponse {
  stat: Stat;
}

export function readExistsResponse(reader: Reader): ExistsResponse {
  return {
    stat: readStat(reader),
  };
}

export function writeExistsResponse(writer: Writer, value: ExistsResponse): void {
  writeStat(writer, value.stat);
}

export interface GetDataRequest {
  path: string | null;
  watch: boolean;
}

export function readGetDataRequest(reader: Reader): GetDataRequest {
  return {
    path: reader.ustring(),
    watch: reader.bool(),
  };
}

export function writeGetDataRequest(writer: Writer, value: GetDataRequest): void {
  writer.ustring(value.path);
  writer.bool(value.watch);
}

export interface GetDataResponse {
  data: Buffer | null;
  stat: Stat;
}

export function readGetDataResponse(reader: Reader): GetDataResponse {
  return {
    data: reader.buffer(),
    stat: readStat(reader),
  };
}

export function writeGetDataResponse(writer: Writer, value: GetDataResponse): void {
  writer.buffer(value.data);
  writeStat(writer, value.stat);
}

export interface SetDataRequest {
  path: string | null;
  data: Buffer | null;
  version: number;
}

export function readSetDataRequest(reader: Reader): SetDataRequest {
  return {
    path: reader.ustring(),
    data: reader.buffer(),
    version: reader.int(),
  };
}

export function writeSetDataRequest(writer: Writer, value: SetDataRequest): void {
  writer.ustring(value.path);
  writer.buffer(value.data);
  writer.int(value.version);
}

export interface SetDataResponse {
  stat: Stat;
}

export function readSetDataResponse(reader: Reader): SetDataResponse {
  return {
    stat: readStat(reader),
  };
}

export function writeSetDataResponse(writer: Writer, value: SetDataResponse): void {
  writeStat(writer, value.stat);
}

export interface GetACLRequest {
  path: string | null;
}

export function readGetACLRequest(reader: Reader): GetACLRequest {
  return {
    path: reader.ustring(),
  };
}

export function writeGetACLRequest(writer: Writer, value: GetACLRequest): void {
  writer.ustring(value.path);
}

export interface GetACLResponse {
  acl: ACL[] | null;
  stat: Stat;
}

export function readGetACLResponse(reader: Reader): GetACLResponse {
  return {
    acl: readVector(reader, 12, readACL),
    stat: readStat(reader),
  };
}

export function writeGetACLResponse(writer: Writer, value: GetACLResponse): void {
  writeVector(writer, value.acl, writeACL);
  writeStat(writer, value.stat);
}

export interface SetACLRequest {
  path: string | null;
  acl: ACL[] | null;
  version: number;
}

export function readSetACLRequest(reader: Reader): SetACLRequest {
  return {
    path: reader.ustring(),
    acl: readVector(reader, 12, readACL),
    version: reader.int(),
  };
}

export function writeSetACLRequest(writer: Writer, value: SetACLRequest): void {
  writer.ustring(value.path);
  writeVector(writer, value.acl, writeACL);
  writer.int(value.version);
}

export interface SetACLResponse {
  stat: Stat;
}

export function readSetACLResponse(reader: Reader): SetACLResponse {
  return {
    stat: readStat(reader),
  };
}

export function writeSetACLResponse(writer: Writer, value: SetACLResponse): void {
  writeStat(writer, value.stat);
}

export interface GetChildrenRequest {
  path: string | null;
  watch: boolean;
}

export function readGetChildrenRequest(reader: Reader): GetChildrenRequest {
  return {
    path: reader.ustring(),
    watch: reader.bool(),
  };
}

export function writeGetChildrenRequest(writer: Writer, value: GetChildrenRequest): void {
  writer.ustring(value.path);
  writer.bool(value.watch);
}

export interface GetChildrenResponse {
  children: (string | null)[] | null;
}

export function readGetChildrenResponse(reader: Reader): GetChildrenResponse {
  return {
    children: readVector(reader, 4, (reader) => reader.ustring()),
  };
}

export function writeGetChildrenResponse(writer: Writer, value: GetChildrenResponse): void {
  writeVector(writer, value.children, (writer, item) => writer.ustring(item));
}

export interface GetChildren2Request {
  path: string | null;
  watch: boolean;
}

export function readGetChildren2Request(reader: Reader): GetChildren2Request {
  return {
    path: reader.ustring(),
    watch: reader.bool(),
  };
}

export function writeGetChildren2Request(writer: Writer, value: GetChildren2Request): void {
  writer.ustring(value.path);
  writer.bool(value.watch);
}

export interface GetChildren2Response {
  children: (string | null)[] | null;
  stat: Stat;
}

export function readGetChildren2Response(reader: Reader): GetChildren2Response {
  return {
    children: readVector(reader, 4, (reader) => reader.ustring()),
    stat: readStat(reader),
  };
}

export function writeGetChildren2Response(writer: Writer, value: GetChildren2Response): void {
  writeVector(writer, value.children, (writer, item) => writer.ustring(item));
  writeStat(writer, value.stat);
}

export interface GetAllChildrenNumberRequest {
  path: string | null;
}

export function readGetAllChildrenNumberRequest(reader: Reader): GetAllChildrenNumberRequest {
  return {
    path: reader.ustring(),
  };
}

export function writeGetAllChildrenNumberRequest(writer: Writer, value: GetAllChildrenNumberRequest): void {
  writer.ustring(value.path);
}

export interface GetAllChildrenNumberResponse {
  totalNumber: number;
}

export function readGetAllChildrenNumberResponse(reader: Reader): GetAllChildrenNumberResponse {
  return {
    totalNumber: reader.int(),
  };
}

export function writeGetAllChildrenNumberResponse(writer: Writer, value: GetAllChildrenNumberResponse): void {
  writer.int(value.totalNumber);
}

export interface GetEphemeralsRequest {
  prefixPath: string | null;
}

export function readGetEphemeralsRequest(reader: Reader): GetEphemeralsRequest {
  return {
    prefixPath: reader.ustring(),
  };
}

export function writeGetEphemeralsRequest(writer: Writer, value: GetEphemeralsRequest): void {
  writer.ustring(value.prefixPath);
}

export interface GetEphemeralsResponse {
  ephemerals: (string | null)[] | null;
}

export function readGetEphemeralsResponse(reader: Reader): GetEphemeralsResponse {
  return {
    ephemerals: readVector(reader, 4, (reader) => reader.ustring()),
  };
}

export function writeGetEphemeralsResponse(writer: Writer, value: GetEphemeralsResponse): void {
  writeVector(writer, value.ephemerals, (writer, item) => writer.ustring(item));
}

export interface SyncRequest {
  path: string | null;
}

export function readSyncRequest(reader: Reader): SyncRequest {
  return {
    path: reader.ustring(),
  };
}

export function writeSyncRequest(writer: Writer, value: SyncRequest): void {
  writer.ustring(value.path);
}

export interface SyncResponse {
  path: string | null;
}

export function readSyncResponse(reader: Reader): SyncResponse {
  return {
    path: reader.ustring(),
  };
}

export function writeSyncResponse(writer: Writer, value: SyncResponse): void {
  writer.ustring(value.path);
}

export interface CheckVersionRequest {
  path: string | null;
  version: number;
}

export function readCheckVersionRequest(reader: Reader): CheckVersionRequest {
  return {
    path: reader.ustring(),
    version: reader.int(),
  };
}

export function writeCheckVersionRequest(writer: Writer, value: CheckVersionRequest): void {
  writer.ustring(value.path);
  writer.int(value.version);
}

export interface CheckWatchesRequest {
  path: string | null;
  type: number;
}

export function readCheckWatchesRequest(reader: Reader): CheckWatchesRequest {
  return {
    path: reader.ustring(),
    type: reader.int(),
  };
}

export function writeCheckWatchesRequest(writer: Writer, value: CheckWatchesRequest): void {
  writer.ustring(value.path);
  writer.int(value.type);
}

export interface RemoveWatchesRequest {
  path: string | null;
  type: number;
}

export function readRemoveWatchesRequest(reader: Reader): RemoveWatchesRequest {
  return {
    path: reader.ustring(),
    type: reader.int(),
  };
}

export function writeRemoveWatchesRequest(writer: Writer, value: RemoveWatchesRequest): void {
  writer.ustring(value.path);
  writer.int(value.type);
}

export interface AddWatchRequest {
  path: string | null;
  mode: number;
}

export function readAddWatchRequest(reader: Reader): AddWatchRequest {
  return {
    path: reader.ustring(),
    mode: reader.int(),
  };
}

export function writeAddWatchRequest(writer: Writer, value: AddWatchRequest): void {
  writer.ustring(value.path);
  writer.int(value.mode);
}

export interface WhoAmIResponse {
  clientInfo: ClientInfo[] | null;
}

export function readWhoAmIResponse(reader: Reader): WhoAmIResponse {
  return {
    clientInfo: readVector(reader, 8, readClientInfo),
  };
}

export function writeWhoAmIResponse(writer: Writer, value: WhoAmIResponse): void {
  writeVector(writer, value.clientInfo, writeClientInfo);
}

export interface ReconfigRequest {
  joiningServers: string | null;
  leavingServers: string | null;
  newMembers: string | null;
  curConfigId: bigint;
}

export function readReconfigRequest(reader: Reader): ReconfigRequest {
  return {
    joiningServers: reader.ustring(),
    leavingServers: reader.ustring(),
    newMembers: reader.ustring(),
    curConfigId: reader.longBig(),
  };
}

export function writeReconfigRequest(writer: Writer, value: ReconfigRequest): void {
  writer.ustring(value.joiningServers);
  writer.ustring(value.leavingServers);
  writer.ustring(value.newMembers);
  writer.longBig(value.curConfigId);
}

export interface GetSASLRequest {
  token: Buffer | null;
}

export function readGetSASLRequest(reader: Reader): GetSASLRequest {
  return {
    token: reader.buffer(),
  };
}

export function writeGetSASLRequest(writer: Writer, value: GetSASLRequest): void {
  writer.buffer(value.token);
}

export interface SetSASLRequest {
  token: Buffer | null;
}

export function readSetSASLRequest(reader: Reader): SetSASLRequest {
  return {
    token: reader.buffer(),
  };
}

export function writeSetSASLRequest(writer: Writer, value: SetSASLRequest): void {
  writer.buffer(value.token);
}

export interface SetSASLResponse {
  token: Buffer | null;
}

export function readSetSASLResponse(reader: Reader): SetSASLResponse {
  return {
    token: reader.buffer(),
  };
}

export function writeSetSASLResponse(writer: Writer, value: SetSASLResponse): void {
  writer.buffer(value.token);
}

export interface GetMaxChildrenRequest {
  path: string | null;
}

export function readGetMaxChildrenRequest(reader: Reader): GetMaxChildrenRequest {
  return {
    path: reader.ustring(),
  };
}

export function writeGetMaxChildrenRequest(writer: Writer, value: GetMaxChildrenRequest): void {
  writer.ustring(value.path);
}

export interface GetMaxChildrenResponse {
  max: number;
}

export function readGetMaxChildrenResponse(reader: Reader): GetMaxChildrenResponse {
  return {
    max: reader.int(),
  };
}

export function writeGetMaxChildrenResponse(writer: Writer, value: GetMaxChildrenResponse): void {
  writer.int(value.max);
}

export interface SetMaxChildrenRequest {
  path: string | null;
  max: number;
}

export function readSetMaxChildrenRequest(reader: Reader): SetMaxChildrenRequest {
  return {
    path: reader.ustring(),
    max: reader.int(),
  };
}

export function writeSetMaxChildrenRequest(writer: Writer, value: SetMaxChildrenRequest): void {
  writer.ustring(value.path);
  writer.int(value.max);
}

export interface TxnDigest {
  version: number;
  treeDigest: bigint;
}

export function readTxnDigest(reader: Reader): TxnDigest {
  return {
    version: reader.int(),
    treeDigest: reader.longBig(),
  };
}

export function writeTxnDigest(writer: Writer, value: TxnDigest): void {
  writer.int(value.version);
  writer.longBig(value.treeDigest);
}

export interface TxnHeader {
  clientId: bigint;
  cxid: number;
  zxid: number;
  time: number;
  type: number;
}

export function readTxnHeader(reader: Reader): TxnHeader {
  return {
    clientId: reader.longBig(),
    cxid: reader.int(),
    zxid: reader.long(),
    time: reader.long(),
    type: reader.int(),
  };
}

export function writeTxnHeader(writer: Writer, value: TxnHeader): void {
  writer.longBig(value.clientId);
  writer.int(value.cxid);
  writer.long(value.zxid);
  writer.long(value.time);
  writer.int(value.type);
}

export interface CreateTxnV0 {
  path: string | null;
  data: Buffer | null;
  acl: ACL[] | null;
  ephemeral: boolean;
}

export function readCreateTxnV0(reader: Reader): CreateTxnV0 {
  return {
    path: reader.ustring(),
    data: reader.buffer(),
    acl: readVector(reader, 12, readACL),
    ephemeral: reader.bool(),
  };
}

export function writeCreateTxnV0(writer: Writer, value: CreateTxnV0): void {
  writer.ustring(value.path);
  writer.buffer(value.data);
  writeVector(writer, value.acl, writeACL);
  writer.bool(value.ephemeral);
}

export interface CreateTxn {
  path: string | null;
  data: Buffer | null;
  acl: ACL[] | null;
  ephemeral: boolean;
  parentCVersion: number;
}

export function readCreateTxn(reader: Reader): CreateTxn {
  return {
    path: reader.ustring(),
    data: reader.buffer(),
    acl: readVector(reader, 12, readACL),
    ephemeral: reader.bool(),
    parentCVersion: reader.int(),
  };
}

export function writeCreateTxn(writer: Writer, value: CreateTxn): void {
  writer.ustring(value.path);
  writer.buffer(value.data);
  writeVector(writer, value.acl, writeACL);
  writer.bool(value.ephemeral);
  writer.int(value.parentCVersion);
}

export interface CreateTTLTxn {
  path: string | null;
  data: Buffer | null;
  acl: ACL[] | null;
  parentCVersion: number;
  ttl: number;
}

export function readCreateTTLTxn(reader: Reader): CreateTTLTxn {
  return {
    path: reader.ustring(),
    data: reader.buffer(),
    acl: readVector(reader, 12, readACL),
    parentCVersion: reader.int(),
    ttl: reader.long(),
  };
}

export function writeCreateTTLTxn(writer: Writer, value: CreateTTLTxn): void {
  writer.ustring(value.path);
  writer.buffer(value.data);
  writeVector(writer, value.acl, writeACL);
  writer.int(value.parentCVersion);
  writer.long(value.ttl);
}

export interface CreateContainerTxn {
  path: string | null;
  data: Buffer | null;
  acl: ACL[] | null;
  parentCVersion: number;
}

export function readCreateContainerTxn(reader: Reader): CreateContainerTxn {
  return {
    path: reader.ustring(),
    data: reader.buffer(),
    acl: readVector(reader, 12, readACL),
    parentCVersion: reader.int(),
  };
}

export function writeCreateContainerTxn(writer: Writer, value: CreateContainerTxn): void {
  writer.ustring(value.path);
  writer.buffer(value.data);
  writeVector(writer, value.acl, writeACL);
  writer.int(value.parentCVersion);
}

export interface DeleteTxn {
  path: string | null;
}

export function readDeleteTxn(reader: Reader): DeleteTxn {
  return {
    path: reader.ustring(),
  };
}

export function writeDeleteTxn(writer: Writer, value: DeleteTxn): void {
  writer.ustring(value.path);
}

export interface SetDataTxn {
  path: string | null;
  data: Buffer | null;
  version: number;
}

export function readSetDataTxn(reader: Reader): SetDataTxn {
  return {
    path: reader.ustring(),
    data: reader.buffer(),
    version: reader.int(),
  };
}

export function writeSetDataTxn(writer: Writer, value: SetDataTxn): void {
  writer.ustring(value.path);
  writer.buffer(value.data);
  writer.int(value.version);
}

export interface CheckVersionTxn {
  path: string | null;
  version: number;
}

export function readCheckVersionTxn(reader: Reader): CheckVersionTxn {
  return {
    path: reader.ustring(),
    version: reader.int(),
  };
}

export function writeCheckVersionTxn(writer: Writer, value: CheckVersionTxn): void {
  writer.ustring(value.path);
  writer.int(value.version);
}

export interface SetACLTxn {
  path: string | null;
  acl: ACL[] | null;
  version: number;
}

export function readSetACLTxn(reader: Reader): SetACLTxn {
  return {
    path: reader.ustring(),
    acl: readVector(reader, 12, readACL),
    version: reader.int(),
  };
}

export function writeSetACLTxn(writer: Writer, value: SetACLTxn): void {
  writer.ustring(value.path);
  writeVector(writer, value.acl, writeACL);
  writer.int(value.version);
}

export interface SetMaxChildrenTxn {
  path: string | null;
  max: number;
}

export function readSetMaxChildrenTxn(reader: Reader): SetMaxChildrenTxn {
  return {
    path: reader.ustring(),
    max: reader.int(),
  };
}

export function writeSetMaxChildrenTxn(writer: Writer, value: SetMaxChildrenTxn): void {
  writer.ustring(value.path);
  writer.int(value.max);
}

export interface CreateSessionTxn {
  timeOut: number;
}

export function readCreateSessionTxn(reader: Reader): CreateSessionTxn {
  return {
    timeOut: reader.int(),
  };
}

export function writeCreateSessionTxn(writer: Writer, value: CreateSessionTxn): void {
  writer.int(value.timeOut);
}

export interface CloseSessionTxn {
  paths2Delete: (string | null)[] | null;
}

export function readCloseSessionTxn(reader: Reader): CloseSessionTxn {
  return {
    paths2Delete: readVector(reader, 4, (reader) => reader.ustring()),
  };
}

export function writeCloseSessionTxn(writer: Writer, value: CloseSessionTxn): void {
  writeVector(writer, value.paths2Delete, (writer, item) => writer.ustring(item));
}

export interface ErrorTxn {
  err: number;
}

export function readErrorTxn(reader: Reader): ErrorTxn {
  return {
    err: reader.int(),
  };
}

export function writeErrorTxn(writer: Writer, value: ErrorTxn): void {
  writer.int(value.err);
}

export interface Txn {
  type: number;
  data: Buffer | null;
}

export function readTxn(reader: Reader): Txn {
  return {
    type: reader.int(),
    data: reader.buffer(),
  };
}

export function writeTxn(writer: Writer, value: Txn): void {
  writer.int(value.type);
  writer.buffer(value.data);
}

export interface MultiTxn {
  txns: Txn[] | null;
}

export function readMultiTxn(reader: Reader): MultiTxn {
  return {
    txns: readVector(reader, 8, readTxn),
  };
}

export function writeMultiTxn(writer: Writer, value: MultiTxn): void {
  writeVector(writer, value.txns, writeTxn);
}

export interface FileHeader {
  magic: number;
  version: number;
  dbid: bigint;
}

export function readFileHeader(reader: Reader): FileHeader {
  return {
    magic: reader.int(),
    version: reader.int(),
    dbid: reader.longBig(),
  };
}

export function writeFileHeader(writer: Writer, value: FileHeader): void {
  writer.int(value.magic);
  writer.int(value.version);
  writer.longBig(value.dbid);
}

export interface LearnerInfo {
  serverid: bigint;
  protocolVersion: number;
  configVersion: bigint;
}

export function readLearnerInfo(reader: Reader): LearnerInfo {
  return {
    serverid: reader.longBig(),
    protocolVersion: reader.int(),
    configVersion: reader.longBig(),
  };
}

export function writeLearnerInfo(writer: Writer, value: LearnerInfo): void {
  writer.longBig(value.serverid);
  writer.int(value.protocolVersion);
  writer.longBig(value.configVersion);
}

export interface QuorumPacket {
  type: number;
  zxid: number;
  data: Buffer | null;
  authinfo: Id[] | null;
}

export function readQuorumPacket(reader: Reader): QuorumPacket {
  return {
    type: reader.int(),
    zxid: reader.long(),
    data: reader.buffer(),
    authinfo: readVector(reader, 8, readId),
  };
}

export function writeQuorumPacket(writer: Writer, value: QuorumPacket): void {
  writer.int(value.type);
  writer.long(value.zxid);
  writer.buffer(value.data);
  writeVector(writer, value.authinfo, writeId);
}

export interface QuorumAuthPacket {
  magic: bigint;
  status: number;
  token: Buffer | null;
}

export function readQuorumAuthPacket(reader: Reader): QuorumAuthPacket {
  return {
    magic: reader.longBig(),
    status: reader.int(),
    token: reader.buffer(),
  };
}

export function writeQuorumAuthPacket(writer: Writer, value: QuorumAuthPacket): void {
  writer.longBig(value.magic);
  writer.int(value.status);
  writer.buffer(value.token);
}

/** Readers and writers by record name, for code that works on all of them. */
export const codecs = {
  Id: { read: readId, write: writeId },
  ACL: { read: readACL, write: writeACL },
  Stat: { read: readStat, write: writeStat },
  StatPersisted: { read: readStatPersisted, write: writeStatPersisted },
  ClientInfo: { read: readClientInfo, write: writeClientInfo },
  ConnectRequest: { read: readConnectRequest, write: writeConnectRequest },
  ConnectResponse: { read: readConnectResponse, write: writeConnectResponse },
  RequestHeader: { read: readRequestHeader, write: writeRequestHeader },
  ReplyHeader: { read: readReplyHeader, write: writeReplyHeader },
  MultiHeader: { read: readMultiHeader, write: writeMultiHeader },
  AuthPacket: { read: readAuthPacket, write: writeAuthPacket },
  SetWatches: { read: readSetWatches, write: writeSetWatches },
  SetWatches2: { read: readSetWatches2, write: writeSetWatches2 },
  WatcherEvent: { read: readWatcherEvent, write: writeWatcherEvent },
  ErrorResponse: { read: readErrorResponse, write: writeErrorResponse },
  CreateRequest: { read: readCreateRequest, write: writeCreateRequest },
  CreateTTLRequest: { read: readCreateTTLRequest, write: writeCreateTTLRequest },
  CreateResponse: { read: readCreateResponse, write: writeCreateResponse },
  Create2Response: { read: readCreate2Response, write: writeCreate2Response },
  DeleteRequest: { read: readDeleteRequest, write: writeDeleteRequest },
  DeleteContainerRequest: { read: readDeleteContainerRequest, write: writeDeleteContainerRequest },
  ExistsRequest: { read: readExistsRequest, write: writeExistsRequest },
  ExistsResponse: { read: readExistsResponse, write: writeExistsResponse },
  GetDataRequest: { read: readGetDataRequest, write: writeGetDataRequest },
  GetDataResponse: { read: readGetDataResponse, write: writeGetDataResponse },
  SetDataRequest: { read: readSetDataRequest, write: writeSetDataRequest },
  SetDataResponse: { read: readSetDataResponse, write: writeSetDataResponse },
  GetACLRequest: { read: readGetACLRequest, write: writeGetACLRequest },
  GetACLResponse: { read: readGetACLResponse, write: writeGetACLResponse },
  SetACLRequest: { read: readSetACLRequest, write: writeSetACLRequest },
  SetACLResponse: { read: readSetACLResponse, write: writeSetACLResponse },
  GetChildrenRequest: { read: readGetChildrenRequest, write: writeGetChildrenRequest },
  GetChildrenResponse: { read: readGetChildrenResponse, write: writeGetChildrenResponse },
  GetChildren2Request: { read: readGetChildren2Request, write: writeGetChildren2Request },
  GetChildren2Response: { read: readGetChildren2Response, write: writeGetChildren2Response },
  GetAllChildrenNumberRequest: { read: readGetAllChildrenNumberRequest, write: writeGetAllChildrenNumberRequest },
  GetAllChildrenNumberResponse: { read: readGetAllChildrenNumberResponse, write: writeGetAllChildrenNumberResponse },
  GetEphemeralsRequest: { read: readGetEphemeralsRequest, write: writeGetEphemeralsRequest },
  GetEphemeralsResponse: { read: readGetEphemeralsResponse, write: writeGetEphemeralsResponse },
  SyncRequest: { read: readSyncRequest, write: writeSyncRequest },
  SyncResponse: { read: readSyncResponse, write: writeSyncResponse },
  CheckVersionRequest: { read: readCheckVersionRequest, write: writeCheckVersionRequest },
  CheckWatchesRequest: { read: readCheckWatchesRequest, write: writeCheckWatchesRequest },
  RemoveWatchesRequest: { read: readRemoveWatchesRequest, write: writeRemoveWatchesRequest },
  AddWatchRequest: { read: readAddWatchRequest, write: writeAddWatchRequest },
  WhoAmIResponse: { read: readWhoAmIResponse, write: writeWhoAmIResponse },
  ReconfigRequest: { read: readReconfigRequest, write: writeReconfigRequest },
  GetSASLRequest: { read: readGetSASLRequest, write: writeGetSASLRequest },
  SetSASLRequest: { read: readSetSASLRequest, write: writeSetSASLRequest },
  SetSASLResponse: { read: readSetSASLResponse, write: writeSetSASLResponse },
  GetMaxChildrenRequest: { read: readGetMaxChildrenRequest, write: writeGetMaxChildrenRequest },
  GetMaxChildrenResponse: { read: readGetMaxChildrenResponse, write: writeGetMaxChildrenResponse },
  SetMaxChildrenRequest: { read: readSetMaxChildrenRequest, write: writeSetMaxChildrenRequest },
  TxnDigest: { read: readTxnDigest, write: writeTxnDigest },
  TxnHeader: { read: readTxnHeader, write: writeTxnHeader },
  CreateTxnV0: { read: readCreateTxnV0, write: writeCreateTxnV0 },
  CreateTxn: { read: readCreateTxn, write: writeCreateTxn },
  CreateTTLTxn: { read: readCreateTTLTxn, write: writeCreateTTLTxn },
  CreateContainerTxn: { read: readCreateContainerTxn, write: writeCreateContainerTxn },
  DeleteTxn: { read: readDeleteTxn, write: writeDeleteTxn },
  SetDataTxn: { read: readSetDataTxn, write: writeSetDataTxn },
  CheckVersionTxn: { read: readCheckVersionTxn, write: writeCheckVersionTxn },
  SetACLTxn: { read: readSetACLTxn, write: writeSetACLTxn },
  SetMaxChildrenTxn: { read: readSetMaxChildrenTxn, write: writeSetMaxChildrenTxn },
  CreateSessionTxn: { read: readCreateSessionTxn, write: writeCreateSessionTxn },
  CloseSessionTxn: { read: readCloseSessionTxn, write: writeCloseSessionTxn },
  ErrorTxn: { read: readErrorTxn, write: writeErrorTxn },
  Txn: { read: readTxn, write: writeTxn },
  MultiTxn: { read: readMultiTxn, write: writeMultiTxn },
  FileHeader: { read: readFileHeader, write: writeFileHeader },
  LearnerInfo: { read: readLearnerInfo, write: writeLearnerInfo },
  QuorumPacket: { read: readQuorumPacket, write: writeQuorumPacket },
  QuorumAuthPacket: { read: readQuorumAuthPacket, write: writeQuorumAuthPacket },
} as const;
