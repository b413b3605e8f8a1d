import { isDeepStrictEqual } from 'node:util';
import type { ClientRequest } from '@nodekeeper/client/testing';
import { ErrorCode, errorName } from '@nodekeeper/protocol';
import type { Blame, Fates } from './history.js';
import type { WatchChecks } from './watch-checks.js';
import type { WatchRecord } from './watch-record.js';

type AnyRequest = Pick<ClientRequest, 'operation' | 'path' | 'xid' | 'failure' | 'response'>;

/** What is known about one request, from the call to its outcome. */
export interface RequestRecord {
  readonly number: number;
  readonly request: AnyRequest;
  readonly isWrite: boolean;
  /** The number of established connections that the client had lost before it made the request. */
  readonly lossesBefore: number;
  readonly watch: WatchRecord | undefined;
  ends: number;
}

const writeNames = new Set(['create', 'create2', 'setData', 'delete', 'multi']);
const ownCodes = ['CONNECTIONLOSS', 'ABORTED', 'REQUESTTIMEOUT', 'CLOSED', 'SESSIONEXPIRED', 'AUTHFAILED'];
/** The failures of requests that the caller has stopped waiting for. */
const givenUpCodes = ['ABORTED', 'REQUESTTIMEOUT'];

/** Compares the outcome of each request of one session with what the ensemble did. */
export class RequestChecks {
  readonly records: RequestRecord[] = [];
  /** The highest zxid that the program has seen in a reply or an event. */
  seenZxid = 0;
  /** All requests before this index have ended. */
  #firstOpen = 0;

  constructor(
    private readonly fates: Fates,
    private readonly watches: WatchChecks,
    private readonly blame: Blame,
  ) {}

  made(request: AnyRequest, lossesBefore: number, watch: WatchRecord | undefined): RequestRecord {
    const isWrite = writeNames.has(request.operation.name);
    const record = { number: this.records.length, request, isWrite, lossesBefore, watch, ends: 0 };
    this.records.push(record);
    return record;
  }

  get openCount(): number {
    return this.records.slice(this.#firstOpen).filter(({ ends }) => ends === 0).length;
  }

  /**
   * Called when a reply has arrived, before the session processes it. The caller may have stopped waiting for the
   * reply.
   */
  replied(request: AnyRequest, record: RequestRecord | undefined): void {
    const answer = this.fates.answerTo(request.xid);
    if (answer === undefined)
      this.blame('AnswerOfRequest', `${textOf(request)} got a reply, but no server answered it`);
    if (answer.zxid < this.seenZxid) {
      this.blame('ReadMonotonicity', `${textOf(request)} shows ${answer.zxid} after ${this.seenZxid} was seen`);
    }
    this.seenZxid = answer.zxid;
    this.watches.revealed(answer.zxid);
    if (record?.watch === undefined) return;
    const { watch } = record;
    if (answer.err === 0) this.watches.registered(watch, answer.zxid, watch.kind === 'exists' ? 'data' : watch.kind);
    else if (watch.kind === 'exists' && answer.err === ErrorCode.NONODE) {
      this.watches.registered(watch, answer.zxid, 'exists');
    }
  }

  sawEvent(zxid: number): void {
    if (zxid > 0 && zxid < this.seenZxid) {
      this.blame('ReadMonotonicity', `an event of ${zxid} arrived after ${this.seenZxid} was seen`);
    }
    this.seenZxid = Math.max(this.seenZxid, zxid);
  }

  finished(record: RequestRecord): void {
    const { request } = record;
    const { failure } = request;
    if (++record.ends > 1) this.blame('AnsweredOnce', `${textOf(request)} ended ${record.ends} times`);
    if (failure === undefined) {
      this.#demandAnswer(request);
    } else if (failure.outcome === 'rejected') {
      const answer = this.fates.answerTo(request.xid);
      const said = answer && errorName(answer.err);
      if (said !== failure.code) {
        this.blame('AnswerOfRequest', `${textOf(request)} failed, but the server replied ${said}`);
      }
    } else if (!ownCodes.includes(failure.code)) {
      this.blame('OutcomeIsTrue', `${textOf(request)} failed: ${failure.detail}`);
    }
    if (failure?.outcome === 'not-sent') this.#demandNotSent(record);
    this.#demandOrder(record);
  }

  #demandAnswer(request: AnyRequest): void {
    const answer = this.fates.answerTo(request.xid);
    if (answer?.err !== 0) this.blame('AnswerOfRequest', `${textOf(request)} succeeded, but no server said so`);
    if (isDeepStrictEqual(request.response, answer.response)) return;
    const [got, given] = [shown(request.response), shown(answer.response)];
    this.blame('AnswerOfRequest', `${textOf(request)} got ${got}, but the server replied ${given}`);
  }

  /** Requests must end in the order in which they were made, except requests that the caller has given up. */
  #demandOrder(record: RequestRecord): void {
    const { records } = this;
    while ((records[this.#firstOpen]?.ends ?? 0) > 0) this.#firstOpen++;
    if (isGivenUp(record.request) || isRefusedAtOnce(record.request)) return;
    const earlier = records[this.#firstOpen];
    if (earlier !== undefined && earlier.number < record.number) {
      this.blame('AnswersInOrder', `${textOf(record.request)} ended before the earlier ${textOf(earlier.request)}`);
    }
  }

  /** A request with the outcome `not-sent` must not have been carried out or answered. */
  #demandNotSent({ request }: RequestRecord): void {
    if (request.xid === 0) return;
    const isDone = this.fates.zxidOf(request.xid) !== undefined || this.fates.answerTo(request.xid) !== undefined;
    if (isDone) this.blame('OutcomeIsTrue', `${textOf(request)} has the outcome not-sent, but it was carried out`);
  }

  /**
   * Every request must have ended exactly once. Called when the session is over, or when no request was made for a long
   * time.
   */
  allHaveEnded(): void {
    for (const { request, ends } of this.records) {
      if (ends !== 1) this.blame('AnsweredOnce', `${textOf(request)} ended ${ends} times`);
    }
  }

  /** Checks the reported outcomes again at the end of the run. They must still be true. */
  staysTrue(): void {
    for (const record of this.records) if (record.request.failure?.outcome === 'not-sent') this.#demandNotSent(record);
    this.#demandOrderOfWrites();
  }

  /**
   * Writes must be carried out in the order of the calls. If a connection is lost, only the last writes on that
   * connection may be missing.
   */
  #demandOrderOfWrites(): void {
    let lastZxid = 0;
    let skipped: RequestRecord | undefined;
    for (const record of this.records) {
      if (!record.isWrite) continue;
      const { request, lossesBefore } = record;
      const zxid = this.fates.zxidOf(request.xid);
      if (zxid === undefined) {
        if (request.xid !== 0 || !isGivenUp(request)) skipped = record;
        continue;
      }
      if (zxid <= lastZxid) {
        this.blame('WritesInOrder', `${textOf(request)} was carried out before an earlier one`);
      }
      lastZxid = zxid;
      if (skipped !== undefined && skipped.lossesBefore === lossesBefore) {
        this.blame(
          'WritesInOrder',
          `${textOf(request)} was carried out, but the earlier ${textOf(skipped.request)} was not`,
        );
      }
    }
  }
}

function isGivenUp({ failure }: AnyRequest): boolean {
  return failure !== undefined && givenUpCodes.includes(failure.code);
}

/** True if a closed client refused the request at once. Earlier requests of the client may still be open. */
function isRefusedAtOnce({ failure, xid }: AnyRequest): boolean {
  return failure?.outcome === 'not-sent' && xid === 0;
}

export function textOf({ operation, path, xid, failure }: AnyRequest): string {
  const end = failure === undefined ? '' : ` [${failure.code}, ${failure.outcome}]`;
  return `request ${xid} (${operation.name} ${path ?? ''})${end}`;
}

function shown(response: unknown): string {
  const text = JSON.stringify(response, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  return text ?? 'nothing';
}
