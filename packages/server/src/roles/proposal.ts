import type { ChangeRecord } from '../tree/change-record.js';
import type { Requester } from './role-client.js';

/** The data from which the reply to a write is built. */
export interface Answerable {
  /** The op code of the request. If the request is rejected, its transaction has a different op code. */
  readonly type: number;
  readonly xid: number;
  readonly receivedMs: number;
}

/** A write, from its preparation until it is durable and applied. */
export interface Proposal extends Answerable {
  readonly zxid: number;
  readonly sessionId: bigint;
  /** The wall-clock time of the transaction. */
  readonly timeMs: number;
  readonly requester: Requester | undefined;
  /** The start of the log entry (TxnHeader, body, digest) in its batch. */
  readonly start: number;
  /** The end of the log entry in its batch. */
  readonly end: number;
  /** CRC-32 of the path and the new data. Undefined unless the transaction creates or changes a single node. */
  readonly contentCrc: number | undefined;
  readonly touched: readonly ChangeRecord[];
  /** The high half of the tree's digest after this transaction. */
  readonly digestHigh: number;
  /** The low half of the tree's digest after this transaction. */
  readonly digestLow: number;
  /**
   * A copy of the log entry, kept until a quorum has logged it. Undefined on a standalone server, which needs no
   * quorum.
   */
  readonly kept: Buffer | undefined;
}
