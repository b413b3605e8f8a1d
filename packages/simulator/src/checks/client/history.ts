import type { TriggerLog } from './trigger-log.js';

/** The part of the ensemble's history that the client's promises refer to. */
export interface History {
  /** The zxid of the last committed transaction. */
  readonly lastZxid: number;
  readonly triggers: TriggerLog;
}

/** The server's reply to a request. */
export interface Answer {
  readonly err: number;
  /** The zxid that the server had reached. */
  readonly zxid: number;
  readonly response: unknown;
}

/** The outcome of each request of one session, by request number. */
export interface Fates {
  answerTo(xid: number): Answer | undefined;
  /** The zxid of the transaction that a write became, whether it succeeded or was refused. */
  zxidOf(xid: number): number | undefined;
}

/** Names the broken promise and ends the run. */
export type Blame = (check: string, what: string) => never;
