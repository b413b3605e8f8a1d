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
  /** The maximum length of a transaction in bytes. ZooKeeper cannot read a longer log entry. */
  readonly txnBytesMax: number;
  /** The error code for an unknown session. A standalone server and a leader use different codes (spec 1.9.8). */
  readonly unknownSessionCode: number;
  /** Called when a write at this path was refused because of a quota. */
  quotaExceeded(path: string): void;
  readonly config: { readonly enforceQuota: boolean; readonly closeSessionTxnEnabled: boolean };
}

/**
 * The context in which a request becomes a transaction: session, zxid, time and changed records. Requests are prepared
 * one at a time, so the pipeline reuses one instance.
 */
export class Preparation {
  readonly state: PrepareState;
  zxid = 0;
  timeMs = 0;
  sessionId = 0n;
  /** The client's session. If it is undefined, `checkSession` looks the session up by `sessionId`. */
  session: Session | undefined;
  /** The server that forwarded the request; undefined on a standalone server. */
  owner: SessionOwner | undefined;
  ids: readonly Id[] = [];
  touched: ChangeRecord[] = [];
  /**
   * CRC-32 of path and data of the changed node, so that the tree need not compute it. Undefined if several nodes
   * change.
   */
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

  /** Marks a record as changed. The record must come from `changes.find`. Call this before modifying the record. */
  change(record: ChangeRecord): void {
    this.changes.change(record, this.zxid, this.touched);
  }

  /** True if `checkQuota` can refuse a change. */
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

/** Returns the version after `version`. Like Java's int, the version wraps: the number after 2147483647 is negative. */
export function nextVersion(version: number): number {
  return (version + 1) | 0;
}

/** True if a node's version is the expected version. An expected version of -1 matches any version. */
export function versionMatches(current: number, expected: number): boolean {
  return expected === -1 || expected === current;
}

/**
 * Checks the path of a create or delete, as ZooKeeper's first check does. Returns the path of the parent, or an error
 * code. The code for a null path is MARSHALLINGERROR.
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
