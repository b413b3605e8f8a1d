import type { ChangeRecord } from '../tree/outstanding-changes.js';
import type { Requester } from './requester.js';

/** A write between its preparation and the moment it is durable and applied. */
export interface Proposal {
  readonly zxid: number;
  readonly type: number;
  readonly sessionId: bigint;
  /** Who waits for the answer; undefined for what the server proposes itself. */
  readonly requester: Requester | undefined;
  readonly xid: number;
  readonly receivedMs: number;
  /** Where the entry lies in its batch: TxnHeader, body, digest. */
  readonly start: number;
  readonly end: number;
  /** CRC-32 of the new content of the one node concerned, if there is one. */
  readonly contentCrc: number | undefined;
  readonly touched: readonly ChangeRecord[];
  /** The digest of the tree after this txn. */
  readonly digestHigh: number;
  readonly digestLow: number;
}
