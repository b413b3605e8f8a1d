import type { TriggerLog } from './trigger-log.js';

/** The part of an ensemble's history that the promises of a client are about. */
export interface History {
  /** Of the last transaction that is committed. */
  readonly lastZxid: number;
  readonly triggers: TriggerLog;
}

/** What a server answered to a request. */
export interface Answer {
  readonly err: number;
  /** How far the server had come. */
  readonly zxid: number;
  readonly response: unknown;
}

/** What became of the requests of one session, by number. */
export interface Fates {
  answerTo(xid: number): Answer | undefined;
  /** The zxid of the transaction that a write became, carried out or refused. */
  zxidOf(xid: number): number | undefined;
}

/** Names the promise that was broken, and ends the run. */
export type Blame = (check: string, what: string) => never;
