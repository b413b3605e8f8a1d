import { type ACL, ErrorCode, type Id, sessionIdHex } from '@nodekeeper/protocol';
import type { Access } from '../auth/access.js';
import type { Logger } from '../log/logger.js';
import type { Session, SessionOwner, SessionTracker } from '../session/session-tracker.js';
import type { DataTree } from '../tree/data-tree.js';
import type { ChangeRecord, OutstandingChanges } from '../tree/outstanding-changes.js';
import type { Quotas } from '../tree/quotas.js';

/** What preparing a write may look at. */
export interface PrepareState {
  readonly tree: DataTree;
  readonly changes: OutstandingChanges;
  readonly access: Access;
  readonly quotas: Quotas;
  readonly sessions: SessionTracker;
  readonly logger: Logger;
  /** No reader, ours or Apache's, accepts a longer log entry. */
  readonly txnBytesMax: number;
  /** Inventory 1.9.8: for an id that is not followed, a standalone server and a leader have different words. */
  readonly unknownSessionCode: number;
  /** A write below this path is refused for its quota. */
  quotaExceeded(path: string): void;
  readonly config: { readonly enforceQuota: boolean; readonly closeSessionTxnEnabled: boolean };
}

/**
 * One write on its way from request to txn: who asks, under which zxid and time, and which records it touches. Kept and
 * reused by the pipeline, as requests are prepared one after the other.
 */
export class Preparation {
  readonly state: PrepareState;
  zxid = 0;
  timeMs = 0;
  sessionId = 0n;
  /** The requester's session, or undefined where it has to be looked up. */
  session: Session | undefined;
  /** The server that the request came by; undefined for a standalone server. */
  owner: SessionOwner | undefined;
  ids: readonly Id[] = [];
  touched: ChangeRecord[] = [];
  /** CRC of the content just written, for the tree to take over; undefined where several nodes change. */
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

  /** Of a record that `find` gave: from here on it may be changed. */
  change(record: ChangeRecord): void {
    this.changes.change(record, this.zxid, this.touched);
  }

  /** Whether `checkQuota` could refuse anything. */
  get quotasMatter(): boolean {
    return this.state.config.enforceQuota && this.state.quotas.active;
  }

  /** OK, or QUOTAEXCEEDED when a hard limit would be passed; soft limits only make a log line. */
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

/** Apache compares as Java does: the number after 2147483647 is negative. */
export function nextVersion(version: number): number {
  return (version + 1) | 0;
}

/** The version expected by the client against the one that is: -1 matches any. */
export function versionMatches(current: number, expected: number): boolean {
  return expected === -1 || expected === current;
}

/** What Apache's delete and create ask of a path before anything else; a null path makes it stumble. */
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
