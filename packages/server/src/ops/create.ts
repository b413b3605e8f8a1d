import {
  type ACL,
  type CreateMode,
  createModes,
  ErrorCode,
  OpCode,
  Perm,
  pathFault,
  type Reader,
  type Writer,
} from '@nodekeeper/protocol';
import { readAcl, writeAcl } from '../tree/acl-codec.js';
import type { ChangeRecord } from '../tree/change-record.js';
import { containerOwner, ownerKind, ttlMax, ttlOwner } from '../tree/ephemeral-owner.js';
import { StatOffset } from '../tree/node-table.js';
import { nextVersion, type Preparation, parentForChange } from './preparation.js';

/** A decoded create request of any type. Only createTTL has a `ttl`. */
interface Creation {
  readonly path: string | null;
  readonly data: Buffer | null;
  readonly acl: readonly ACL[] | null;
  readonly flags: number;
  readonly ttl?: bigint;
}

export function readCreate(reader: Reader): Creation {
  return { path: reader.ustring(), data: reader.buffer(), acl: readAcl(reader), flags: reader.int() };
}

export function readCreateTtl(reader: Reader): Creation {
  const { path, data, acl, flags } = readCreate(reader);
  return { path, data, acl, flags, ttl: reader.longBig() };
}

/**
 * Prepares a create. The checks are in the same order as in ZooKeeper (spec 1.13), because the first check that fails
 * decides which error the client receives.
 */
export function prepareCreate(type: number, preparation: Preparation, request: Creation, out: Writer): number {
  const mode = createModes[request.flags];
  if (mode === undefined) return ErrorCode.BADARGUMENTS;
  const ttl = request.ttl ?? -1n;
  // createTTL needs a mode with a TTL. ZooKeeper also accepts another mode if the TTL is negative. ZooKeeper then logs
  // a transaction that it cannot apply, neither at once nor after a restart.
  if (type === OpCode.createTTL && !mode.ttl) return ErrorCode.BADARGUMENTS;
  const modeError = checkMode(preparation, mode, ttl);
  if (modeError !== ErrorCode.OK) return modeError;
  const parentPath = parentForChange(request.path);
  if (typeof parentPath === 'number') return parentPath;
  const acl = preparation.state.access.fixAcl(request.acl, preparation.ids);
  if (typeof acl === 'number') return acl;
  const parent = preparation.changes.find(parentPath);
  if (parent === undefined) return ErrorCode.NONODE;
  if (!preparation.allowed(parent.acl, Perm.CREATE)) return ErrorCode.NOAUTH;
  const parentCversion = parent.int(StatOffset.cversion);
  const path = mode.sequential ? request.path + sequenceSuffix(parentCversion) : request.path!;
  if (pathFault(path) !== undefined) return ErrorCode.BADARGUMENTS;
  if (preparation.changes.has(path)) return ErrorCode.NODEEXISTS;
  if (ownerKind(parent.owner, preparation.state.tree.options) === 'ephemeral') return ErrorCode.NOCHILDRENFOREPHEMERALS;
  const quotaError = preparation.checkQuota(path, 1, request.data?.length ?? 0);
  if (quotaError !== ErrorCode.OK) return quotaError;

  const cversion = nextVersion(parentCversion);
  out.ustring(path);
  out.buffer(request.data);
  writeAcl(out, acl);
  if (type === OpCode.create || type === OpCode.create2) out.bool(mode.ephemeral);
  out.int(cversion);
  if (type === OpCode.createTTL) out.longBig(ttl);
  noteParent(preparation, parent, cversion);
  noteCreated(preparation, path, request.data, acl, ownerOf(preparation, mode, type, ttl));
  return ErrorCode.OK;
}

/** Checks that TTL nodes are enabled, the TTL is in range and the session is alive. */
function checkMode(preparation: Preparation, mode: CreateMode, ttl: bigint): number {
  const { options } = preparation.state.tree;
  if (mode.ttl && !options.extendedTypesEnabled) return ErrorCode.UNIMPLEMENTED;
  if (mode.ttl ? ttl <= 0n || ttl > ttlMax(options) : ttl >= 0n) return ErrorCode.BADARGUMENTS;
  const error = preparation.checkSession();
  return mode.ephemeral && error === ErrorCode.UNKNOWNSESSION ? ErrorCode.SESSIONEXPIRED : error;
}

/**
 * Returns the `ephemeralOwner` of the new znode. The op code of the request decides whether the znode is a container or
 * has a TTL. The flags do not decide this (spec 1.10.2).
 */
function ownerOf(preparation: Preparation, mode: CreateMode, type: number, ttl: bigint): bigint {
  if (type === OpCode.createContainer) return containerOwner;
  if (type === OpCode.createTTL) return ttlOwner(ttl, preparation.state.tree.options);
  return mode.ephemeral ? preparation.sessionId : 0n;
}

/**
 * The number at the end of a sequential znode's name, formatted as `%010d`. After 2147483647 the number is negative
 * (spec 1.10.10).
 */
function sequenceSuffix(cversion: number): string {
  return cversion < 0 ? `-${String(-cversion).padStart(9, '0')}` : String(cversion).padStart(10, '0');
}

function noteParent(preparation: Preparation, parent: ChangeRecord, cversion: number): void {
  preparation.change(parent);
  parent.childCount++;
  parent.setInt(StatOffset.cversion, cversion);
  parent.setLong(StatOffset.pzxid, preparation.zxid);
  preparation.changes.restat(parent);
}

function noteCreated(
  preparation: Preparation,
  path: string,
  data: Buffer | null,
  acl: ChangeRecord['acl'],
  owner: bigint,
): void {
  const record = preparation.changes.create(path, owner, preparation.zxid, preparation.touched);
  record.setLong(StatOffset.czxid, preparation.zxid);
  record.setLong(StatOffset.mzxid, preparation.zxid);
  record.setLong(StatOffset.pzxid, preparation.zxid);
  record.setLong(StatOffset.ctime, preparation.timeMs);
  record.setLong(StatOffset.mtime, preparation.timeMs);
  record.acl = acl;
  preparation.changes.recontent(record, data ?? noData, 0, data?.length ?? 0);
  preparation.contentCrc = record.contentCrc;
}

const noData = new Uint8Array();
