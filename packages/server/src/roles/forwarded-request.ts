import { OpCode, txnCxid, txnType } from '@nodekeeper/protocol';
import type { Answerable } from './proposal.js';

const xidBits = 24;

/** A request on its way to the leader; its commit brings back the number that it was forwarded with. */
export interface Forwarded extends Answerable {
  readonly cxid: number;
}

/**
 * The number under which a server forwards a request. It is all that a transaction tells of the way it came, and every
 * handle of a session counts its own requests, so the server's id is in it, above the lower bits of the client's number
 * (docs/decisions/0009-numbers-of-forwarded-requests.md).
 */
export function forwardedCxid(serverId: number, xid: number): number {
  return (serverId << xidBits) | (xid & ((1 << xidBits) - 1));
}

/** Whether a committed transaction is what became of this request. */
export function isOutcomeOf(bytes: Buffer, { cxid, type }: Forwarded): boolean {
  const outcome = txnType(bytes);
  return txnCxid(bytes) === cxid && (outcome === type || outcome === OpCode.error);
}

/** Whether a client asked for it at another server than this one. What servers ask for themselves has no number. */
export function isFromElsewhere(bytes: Buffer, serverId: number): boolean {
  const cxid = txnCxid(bytes);
  return cxid !== 0 && cxid >> xidBits !== (serverId << xidBits) >> xidBits;
}
