import type { TriggerLog } from './trigger-log.js';

/** The part of the ensemble's history that is needed to check a client's promises. */
export interface History {
  /** The zxid of the last committed transaction. */
  readonly lastZxid: number;
  readonly triggers: TriggerLog;
}

/** The server's reply to a request. */
export interface Answer {
  readonly err: number;
  /** The last zxid that the server had applied when it replied. */
  readonly zxid: number;
  readonly response: unknown;
}

/** Tells what happened to each request of one session. Requests are identified by their number (xid). */
export interface Fates {
  answerTo(xid: number): Answer | undefined;
  /** The zxid of the transaction for this write. A refused write has a transaction, too. */
  zxidOf(xid: number): number | undefined;
}

/** Reports that the promise `check` is broken, and ends the run. */
export type Blame = (check: string, what: string) => never;
