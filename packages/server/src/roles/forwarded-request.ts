import { OpCode, txnCxid, txnType } from '@nodekeeper/protocol';
import type { Answerable } from './proposal.js';

const xidBits = 24;

/** A request that was forwarded to the leader. The transaction that comes back for it has the same `cxid`. */
export interface Forwarded extends Answerable {
  readonly cxid: number;
}

/**
 * The cxid under which a server forwards a request: its own id, above the lower bits of the client's xid. Nothing else in
 * a transaction names the server that forwarded the request, and each connection of a session counts its own requests
 * (docs/decisions/0009-numbers-of-forwarded-requests.md).
 */
export function forwardedCxid(serverId: number, xid: number): number {
  return (serverId << xidBits) | (xid & ((1 << xidBits) - 1));
}

/** Whether a committed transaction is the outcome of this request. */
export function isOutcomeOf(bytes: Buffer, { cxid, type }: Forwarded): boolean {
  const outcome = txnType(bytes);
  return txnCxid(bytes) === cxid && (outcome === type || outcome === OpCode.error);
}

/** Whether another server than this one forwarded the request. The cxid is 0 for what a server asked for itself. */
export function isFromElsewhere(bytes: Buffer, serverId: number): boolean {
  const cxid = txnCxid(bytes);
  return cxid !== 0 && cxid >> xidBits !== (serverId << xidBits) >> xidBits;
}
