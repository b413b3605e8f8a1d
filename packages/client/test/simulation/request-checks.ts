import { errorName, type MultiResult, type Stat } from '@nodekeeper/protocol';
import type { ClientRequest } from '../../src/core/request.js';
import type { WatchCallback } from '../../src/watch-event.js';
import type { Ensemble } from './ensemble.js';
import type { WatchChecks, WatchRecord } from './watch-checks.js';

/** A request, from the call to its end. */
export interface RequestRecord {
  readonly number: number;
  readonly request: ClientRequest<WatchCallback>;
  readonly isWrite: boolean;
  /** How many connections that served had been lost before it was made. */
  readonly lossesBefore: number;
  readonly watch: WatchRecord | undefined;
  ends: number;
}

const lostCodes = ['CONNECTIONLOSS', 'ABORTED', 'REQUESTTIMEOUT', 'CLOSED', 'SESSIONEXPIRED', 'AUTHFAILED'];

/** What one client's requests come to, held against what the ensemble did. */
export class RequestChecks {
  readonly records: RequestRecord[] = [];
  #seenZxid = 0;

  constructor(
    private readonly client: number,
    private readonly ensemble: Ensemble,
    private readonly watches: WatchChecks,
    private readonly fault: (what: string) => never,
  ) {}

  /** A reply has come, whether or not someone waits for it, and is about to be dealt with. */
  replied(request: ClientRequest<WatchCallback>, record: RequestRecord | undefined): void {
    const answer = this.ensemble.answers[this.client]!.get(request.xid);
    if (answer === undefined) this.fault(`${textOf(request)} got a reply, and no server answered it`);
    if (answer.applied < this.#seenZxid) {
      this.fault(`${textOf(request)} shows ${answer.applied}, and ${this.#seenZxid} was seen before`);
    }
    this.#seenZxid = answer.applied;
    this.watches.revealed(answer.applied);
    if (record?.watch === undefined) return;
    const { watch } = record;
    if (answer.err === 0) this.watches.registered(watch, answer.applied, watch.kind === 'exists' ? 'data' : watch.kind);
    else if (watch.kind === 'exists') this.watches.registered(watch, answer.applied, 'exists');
  }

  sawEvent(zxid: number): void {
    if (zxid > 0 && zxid < this.#seenZxid) this.fault(`an event of ${zxid} came after ${this.#seenZxid} was seen`);
    this.#seenZxid = Math.max(this.#seenZxid, zxid);
  }

  finished(record: RequestRecord): void {
    const { request } = record;
    const { failure } = request;
    if (++record.ends > 1) this.fault(`${textOf(request)} finished twice`);
    const answer = this.ensemble.answers[this.client]!.get(request.xid);
    if (failure === undefined) {
      const expected = answer && fingerprint(request.operation.name, answer.response);
      const actual = fingerprint(request.operation.name, request.response);
      if (answer?.err !== 0) this.fault(`${textOf(request)} succeeded, and no server said so`);
      if (actual !== expected) this.fault(`${textOf(request)} got ${actual} where ${expected} was answered`);
    } else if (failure.outcome === 'rejected') {
      const said = answer && errorName(answer.err);
      if (said !== failure.code)
        this.fault(`${textOf(request)} failed with ${failure.code}, and the server said ${said}`);
    } else if (!lostCodes.includes(failure.code)) {
      this.fault(`${textOf(request)} failed with ${failure.code}: ${failure.detail}`);
    }
  }

  /** Everything is over: what was said of requests must be true for ever. */
  atTheEnd(): void {
    const carriedOut = this.ensemble.carriedOut[this.client]!;
    for (const record of this.records) {
      const { request, ends } = record;
      if (ends !== 1) this.fault(`${textOf(request)} finished ${ends} times`);
      const isDone = carriedOut.has(request.xid) || this.ensemble.answers[this.client]!.has(request.xid);
      if (request.failure?.outcome === 'not-sent' && request.xid !== 0 && isDone) {
        this.fault(`${textOf(request)} was called not sent, and was carried out`);
      }
    }
    this.#assertOrder();
  }

  /** Writes are carried out in the order of the calls; of those made before a loss, the first ones. */
  #assertOrder(): void {
    let lastZxid = 0;
    let skipped: RequestRecord | undefined;
    for (const record of this.records) {
      if (!record.isWrite) continue;
      const { request, lossesBefore } = record;
      const txn = this.ensemble.carriedOut[this.client]!.get(request.xid);
      if (txn === undefined) {
        const isGivenUp = request.xid === 0 && ['ABORTED', 'REQUESTTIMEOUT'].includes(request.failure!.code);
        if (!isGivenUp) skipped = record;
        continue;
      }
      if (txn.zxid <= lastZxid) this.fault(`${textOf(request)} was carried out before one that was made earlier`);
      lastZxid = txn.zxid;
      if (skipped !== undefined && skipped.lossesBefore === lossesBefore) {
        this.fault(`${textOf(request)} was carried out, and ${textOf(skipped.request)}, made before it, was not`);
      }
    }
  }
}

export function textOf({ operation, path, xid, failure }: ClientRequest<WatchCallback>): string {
  const end = failure === undefined ? '' : ` [${failure.code}, ${failure.outcome}]`;
  return `request ${xid} (${operation.name} ${path ?? ''})${end}`;
}

/** What tells one response from another; no response has nothing to tell. */
function fingerprint(op: string, response: unknown): string {
  if (op === 'multi') return (response as MultiResult[]).map((each) => fingerprint('', each.response)).join('; ');
  const { path, data, children, stat, err } = (response ?? {}) as {
    path?: string;
    data?: Buffer;
    children?: string[];
    stat?: Stat;
    err?: number;
  };
  const version = stat && `${stat.czxid}.${stat.mzxid}.${stat.pzxid}.${stat.numChildren}`;
  const content = op === 'getData' ? String(data) : op === 'getChildren2' ? [...children!].sort().join() : '';
  return [op === 'getData' || op === 'exists' ? '' : path, version, content, err].join('|');
}
