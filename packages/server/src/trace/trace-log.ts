import { ErrorCode, errorName, opByNumber, sessionIdHex, zxidHex } from '@nodekeeper/protocol';
import { clientText } from '../log/log-text.js';
import type { Logger } from '../log/logger.js';
import { pathsOf, type Trace, type TracedRequest } from './trace.js';

/** Selects the requests to trace: all requests of one session, or all requests that name one path. */
export type TraceFilter = { readonly sessionId: bigint } | { readonly path: string };

interface Followed {
  readonly key: string;
  readonly what: string;
  readonly beganMs: number;
  /**
   * True if `taken` was called for the request. The trace then ends when this server replies. Otherwise it ends when the
   * transaction is applied.
   */
  readonly isLocal: boolean;
  zxid: number;
}

/**
 * The bits of an xid that are the same on every server. A forwarded request keeps only these bits of its client's xid
 * (docs/decisions/0009-numbers-of-forwarded-requests.md).
 */
const xidMask = 0xffffff;
const noZxid = -1;
/**
 * Maximum number of requests traced at a time. When this number is reached, the trace of the oldest request ends. That
 * request may never get a reply, for example because its client has disconnected.
 */
const followedMax = 10_000;

/** Logs a line for each stage of the traced requests. The line contains the time since the request arrived. */
export class TraceLog implements Trace {
  readonly #filter: TraceFilter;
  readonly #logger: Logger;
  readonly #clock: { monotonicMs(): number };
  readonly #byRequest = new Map<string, Followed>();
  readonly #byZxid = new Map<number, Followed>();

  constructor(filter: TraceFilter, logger: Logger, clock: { monotonicMs(): number }) {
    this.#filter = filter;
    this.#logger = logger;
    this.#clock = clock;
  }

  taken(sessionId: bigint, request: TracedRequest): void {
    const paths = pathsOf(request);
    const filter = this.#filter;
    const isWanted = 'path' in filter ? paths.includes(filter.path) : filter.sessionId === sessionId;
    if (!isWanted) return;
    this.#logStage(
      this.#follow(sessionId, request.xid, request.type, paths.map(clientText).join(' '), true),
      'received',
    );
  }

  #follow(sessionId: bigint, xid: number, type: number, paths: string, isLocal: boolean): Followed {
    if (this.#byRequest.size >= followedMax) this.#dropOldest();
    const op = opByNumber(type)?.name ?? `op ${type}`;
    const what = `${sessionIdHex(sessionId)}/${xid} ${op} ${paths}`.trimEnd();
    const key = keyOf(sessionId, xid);
    const followed = { key, what, beganMs: this.#clock.monotonicMs(), isLocal, zxid: noZxid };
    this.#byRequest.set(key, followed);
    return followed;
  }

  #dropOldest(): void {
    for (const [key, { zxid }] of this.#byRequest) {
      this.#byRequest.delete(key);
      this.#byZxid.delete(zxid);
      return;
    }
  }

  forwarded(sessionId: bigint, xid: number): void {
    this.#logOf(this.#byRequest.get(keyOf(sessionId, xid)), 'sent to the leader');
  }

  proposed(sessionId: bigint, cxid: number, zxid: number, type: number, err: number): void {
    let followed = this.#byRequest.get(keyOf(sessionId, cxid));
    const filter = this.#filter;
    if (followed === undefined && 'sessionId' in filter && filter.sessionId === sessionId) {
      followed = this.#follow(sessionId, cxid, type, '', false);
    }
    if (followed === undefined) return;
    followed.zxid = zxid;
    this.#byZxid.set(zxid, followed);
    this.#logStage(
      followed,
      err === ErrorCode.OK ? `zxid ${zxidHex(zxid)}` : `zxid ${zxidHex(zxid)}, refused: ${codeText(err)}`,
    );
  }

  written(firstZxid: number, lastZxid: number): void {
    const count = lastZxid - firstZxid + 1;
    for (const [zxid, followed] of this.#byZxid) {
      if (zxid >= firstZxid && zxid <= lastZxid) this.#logStage(followed, `passed to the disk in a batch of ${count}`);
    }
  }

  durable(zxid: number): void {
    this.#logUpTo(zxid, 'durable on this server');
  }

  committed(zxid: number): void {
    this.#logUpTo(zxid, 'committed by a quorum');
  }

  #logUpTo(zxid: number, stage: string): void {
    for (const [each, followed] of this.#byZxid) if (each <= zxid) this.#logStage(followed, stage);
  }

  applied(zxid: number, err: number): void {
    const followed = this.#byZxid.get(zxid);
    if (followed === undefined) return;
    this.#logStage(followed, `applied: ${codeText(err)}`);
    this.#byZxid.delete(zxid);
    if (!followed.isLocal) this.#byRequest.delete(followed.key);
  }

  replied(sessionId: bigint, xid: number, _zxid: number, err: number): void {
    const followed = this.#byRequest.get(keyOf(sessionId, xid));
    if (followed === undefined) return;
    this.#logStage(followed, `answered: ${codeText(err)}`);
    this.#byRequest.delete(followed.key);
    this.#byZxid.delete(followed.zxid);
  }

  #logOf(followed: Followed | undefined, stage: string): void {
    if (followed !== undefined) this.#logStage(followed, stage);
  }

  #logStage({ what, beganMs }: Followed, stage: string): void {
    this.#logger.info(`trace ${what}: ${stage} (+${(this.#clock.monotonicMs() - beganMs).toFixed(2)} ms)`);
  }
}

function codeText(err: number): string {
  return errorName(err) ?? `error ${err}`;
}

function keyOf(sessionId: bigint, xid: number): string {
  return `${sessionId}/${xid & xidMask}`;
}
