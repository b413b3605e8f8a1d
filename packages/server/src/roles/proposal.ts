import type { ChangeRecord } from '../tree/outstanding-changes.js';
import type { Requester } from './role-client.js';

/** What the answer to a write needs to know of it. */
export interface Answerable {
  /** Of the request; the txn of a refused one has another. */
  readonly type: number;
  readonly xid: number;
  readonly receivedMs: number;
}

/** A write between its preparation and the moment it is durable and applied. */
export interface Proposal extends Answerable {
  readonly zxid: number;
  readonly sessionId: bigint;
  /** On the wall clock, as the txn says. */
  readonly timeMs: number;
  readonly requester: Requester | undefined;
  /** Where the entry lies in its batch: TxnHeader, body, digest. */
  readonly start: number;
  readonly end: number;
  /** CRC-32 of the new content of the one node concerned, if there is one. */
  readonly contentCrc: number | undefined;
  readonly touched: readonly ChangeRecord[];
  /** The digest of the tree after this txn. */
  readonly digestHigh: number;
  readonly digestLow: number;
  /** The entry, kept until a quorum has it; undefined where being durable here is enough. */
  readonly kept: Buffer | undefined;
}
