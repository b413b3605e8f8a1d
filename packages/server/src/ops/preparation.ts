import { type ACL, ErrorCode, type Id, sessionIdHex } from '@nodekeeper/protocol';
import type { Access } from '../auth/access.js';
import type { Logger } from '../log/logger.js';
import type { Session, SessionOwner, SessionTracker } from '../session/session-tracker.js';
import type { ChangeRecord } from '../tree/change-record.js';
import type { DataTree } from '../tree/data-tree.js';
import type { OutstandingChanges } from '../tree/outstanding-changes.js';
import type { Quotas } from '../tree/quotas.js';

/** The state that the preparation of a write may access. */
export interface PrepareState {
  readonly tree: DataTree;
  readonly changes: OutstandingChanges;
  readonly access: Access;
  readonly quotas: Quotas;
  readonly sessions: SessionTracker;
  readonly logger: Logger;
  /** No reader, nodekeeper's or ZooKeeper's, accepts a longer log entry. */
  readonly txnBytesMax: number;
  /** Inventory 1.9.8: a standalone server and a leader answer an unknown session with different codes. */
  readonly unknownSessionCode: number;
  /** Records that a write below this path was refused because of its quota. */
  quotaExceeded(path: string): void;
  readonly config: { readonly enforceQuota: boolean; readonly closeSessionTxnEnabled: boolean };
}

/**
 * The context in which a request becomes a txn: client, zxid, time and touched records. Requests are prepared one at a
 * time, so the pipeline reuses one instance.
 */
export class Preparation {
  readonly state: PrepareState;
  zxid = 0;
  timeMs = 0;
  sessionId = 0n;
  /** The client's session; undefined if it has to be looked up. */
  session: Session | undefined;
  /** The server that forwarded the request; undefined on a standalone server. */
  owner: SessionOwner | undefined;
  ids: readonly Id[] = [];
  touched: ChangeRecord[] = [];
  /** CRC of the new content, which the tree then need not compute. Undefined if several nodes change. */
  contentCrc: number | undefined;

  constructor(state: PrepareState) {
    this.state = state;
  }

  get changes(): OutstandingChanges {
    return this.state.changes;
  }

  allowed(acl: readonly ACL[], wanted: number): boolean {
    return this.state.access.allows(acl, wanted, this.ids);
  }

  checkSession(): number {
    const session = this.session ?? this.state.sessions.get(this.sessionId);
    if (session === undefined) return this.state.unknownSessionCode;
    if (session.closing) return ErrorCode.SESSIONEXPIRED;
    if (this.owner === session.owner || this.owner === undefined) return ErrorCode.OK;
    if (session.owner !== undefined) return ErrorCode.SESSIONMOVED;
    session.owner = this.owner;
    return ErrorCode.OK;
  }

  /** Marks a record from `find` as changed. The caller may modify it afterwards. */
  change(record: ChangeRecord): void {
    this.changes.change(record, this.zxid, this.touched);
  }

  /** Whether `checkQuota` can refuse anything. */
  get quotasMatter(): boolean {
    return this.state.config.enforceQuota && this.state.quotas.active;
  }

  /** Returns OK, or QUOTAEXCEEDED if the change would exceed a hard limit. A soft limit only logs a warning. */
  checkQuota(path: string, countDiff: number, bytesDiff: number): number {
    if (!this.state.config.enforceQuota) return ErrorCode.OK;
    const breach = this.state.quotas.breach(path, countDiff, bytesDiff);
    if (breach === undefined) return ErrorCode.OK;
    this.state.logger.warn(breach.text, { session: sessionIdHex(this.sessionId) });
    if (!breach.hard) return ErrorCode.OK;
    this.state.quotaExceeded(path);
    return ErrorCode.QUOTAEXCEEDED;
  }
}

/** Wraps like Java's int: the number after 2147483647 is negative. */
export function nextVersion(version: number): number {
  return (version + 1) | 0;
}

/** Compares the node's version with the expected one; -1 matches any version. */
export function versionMatches(current: number, expected: number): boolean {
  return expected === -1 || expected === current;
}

/**
 * The first check of ZooKeeper's delete and create. Returns the parent's path or an error code; a null path is a
 * MARSHALLINGERROR.
 */
export function parentForChange(path: string | null): string | number {
  if (path === null) return ErrorCode.MARSHALLINGERROR;
  const cut = path.lastIndexOf('/');
  if (cut < 0 || path.includes('\0')) return ErrorCode.BADARGUMENTS;
  return cut === 0 ? '/' : path.slice(0, cut);
}

const specialPaths = new Set(['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config']);

export function isSpecialPath(path: string): boolean {
  return specialPaths.has(path);
}
