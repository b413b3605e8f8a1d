import type { ChangeRecord } from '../tree/change-record.js';
import type { Requester } from './role-client.js';

/** The data that the reply to a write needs. */
export interface Answerable {
  /** The op code of the request. The transaction of a rejected request has another one. */
  readonly type: number;
  readonly xid: number;
  readonly receivedMs: number;
}

/** A write between its preparation and the moment it is durable and applied. */
export interface Proposal extends Answerable {
  readonly zxid: number;
  readonly sessionId: bigint;
  /** The time of the txn, on the wall clock. */
  readonly timeMs: number;
  readonly requester: Requester | undefined;
  /** The position of the entry in its batch: TxnHeader, body, digest. */
  readonly start: number;
  readonly end: number;
  /** CRC-32 of path and new data, if the transaction creates or changes a single node. */
  readonly contentCrc: number | undefined;
  readonly touched: readonly ChangeRecord[];
  /** The digest of the tree after this txn. */
  readonly digestHigh: number;
  readonly digestLow: number;
  /** The entry, kept until a quorum has logged it; undefined on a standalone server, which commits what is durable. */
  readonly kept: Buffer | undefined;
}
