import type { ChangeRecord } from '../tree/change-record.js';
import type { Requester } from './role-client.js';

/** What is needed to answer a write. */
export interface Answerable {
  /** The op code of the request. The txn of a refused request has another one. */
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
  /** Where the entry lies in its batch: TxnHeader, body, digest. */
  readonly start: number;
  readonly end: number;
  /** CRC-32 of path and new data, where the txn creates or changes a single node. */
  readonly contentCrc: number | undefined;
  readonly touched: readonly ChangeRecord[];
  /** The digest of the tree after this txn. */
  readonly digestHigh: number;
  readonly digestLow: number;
  /** The entry, kept until a quorum has it. Undefined where durable here is committed. */
  readonly kept: Buffer | undefined;
}
