import {
  type DeleteContainerRequest,
  type DeleteRequest,
  ErrorCode,
  Perm,
  ProtocolError,
  type Reader,
  readDeleteContainerRequest,
  type Writer,
  writeDeleteTxn,
} from '@nodekeeper/protocol';
import type { ChangeRecord } from '../tree/change-record.js';
import { ownerKind } from '../tree/ephemeral-owner.js';
import { StatOffset } from '../tree/node-table.js';
import { isSpecialPath, type Preparation, parentForChange, versionMatches } from './preparation.js';

export function prepareDelete(preparation: Preparation, request: DeleteRequest, out: Writer): number {
  const sessionError = preparation.checkSession();
  if (sessionError !== ErrorCode.OK) return sessionError;
  const parentPath = parentForDelete(request.path);
  if (typeof parentPath === 'number') return parentPath;
  const parent = preparation.changes.find(parentPath);
  if (parent === undefined) return ErrorCode.NONODE;
  if (!preparation.allowed(parent.acl, Perm.DELETE)) return ErrorCode.NOAUTH;
  const node = preparation.changes.find(request.path!);
  if (node === undefined) return ErrorCode.NONODE;
  if (!versionMatches(node.int(StatOffset.version), request.version)) return ErrorCode.BADVERSION;
  if (node.childCount > 0) return ErrorCode.NOTEMPTY;
  writeDeleteTxn(out, { path: request.path });
  noteDeleted(preparation, parent, node);
  return ErrorCode.OK;
}

/** Decodes a deleteContainer. Throws for a null path, so that a request without a path uses up no zxid. */
export function readDeleteContainer(reader: Reader): DeleteContainerRequest {
  const request = readDeleteContainerRequest(reader);
  if (request.path === null) throw new ProtocolError('deleteContainer needs a path');
  return request;
}

/**
 * Prepares the deletion of an empty container or an expired TTL node. Only the server itself may send this request, so
 * no permission is checked. If a Java server forwards such a request from a client, the request is refused.
 */
export function prepareDeleteContainer(preparation: Preparation, request: DeleteContainerRequest, out: Writer): number {
  if (preparation.sessionId !== serversSession) return ErrorCode.UNIMPLEMENTED;
  const path = request.path?.toString('utf8') ?? null;
  const parentPath = parentForDelete(path);
  if (typeof parentPath === 'number') return parentPath;
  const node = preparation.changes.find(path!);
  if (node === undefined) return ErrorCode.NONODE;
  if (node.childCount > 0) return ErrorCode.NOTEMPTY;
  if (ownerKind(node.owner, preparation.state.tree.options) === 'ephemeral') return ErrorCode.BADVERSION;
  const parent = preparation.changes.find(parentPath);
  if (parent === undefined) return ErrorCode.NONODE;
  writeDeleteTxn(out, { path });
  noteDeleted(preparation, parent, node);
  return ErrorCode.OK;
}

/** The session id of the server's own requests, which belong to no client. */
const serversSession = 0n;

function parentForDelete(path: string | null): string | number {
  return path !== null && isSpecialPath(path) ? ErrorCode.BADARGUMENTS : parentForChange(path);
}

export function noteDeleted(preparation: Preparation, parent: ChangeRecord, node: ChangeRecord): void {
  preparation.change(parent);
  parent.childCount--;
  parent.setLong(StatOffset.pzxid, preparation.zxid);
  preparation.changes.restat(parent);
  preparation.changes.remove(node, preparation.zxid, preparation.touched);
}
