import { OpCode, txnCxid, txnType } from '@nodekeeper/protocol';
import type { Answerable } from './proposal.js';

const xidBits = 24;

/** A request that was forwarded to the leader. The transaction that results from the request has the same `cxid`. */
export interface Forwarded extends Answerable {
  readonly cxid: number;
}

/**
 * The cxid with which a server forwards a request: the server's own id, followed by the lower bits of the client's xid.
 * The xid alone does not show which server forwarded the request, because each connection of a session counts its own
 * xids (docs/decisions/0009-numbers-of-forwarded-requests.md).
 */
export function forwardedCxid(serverId: number, xid: number): number {
  return (serverId << xidBits) | (xid & ((1 << xidBits) - 1));
}

/** True if a committed transaction is the result of this request. */
export function isOutcomeOf(bytes: Buffer, { cxid, type }: Forwarded): boolean {
  const outcome = txnType(bytes);
  return txnCxid(bytes) === cxid && (outcome === type || outcome === OpCode.error);
}

/**
 * True if a server other than `serverId` forwarded the request. Requests that a server makes itself have the cxid 0.
 */
export function isFromElsewhere(bytes: Buffer, serverId: number): boolean {
  const cxid = txnCxid(bytes);
  return cxid !== 0 && cxid >> xidBits !== (serverId << xidBits) >> xidBits;
}
