import type { ErrorName } from '@nodekeeper/protocol';
import type { Operation } from './operation.js';
import type { WatchKind } from './watch-registry.js';

/**
 * What the client knows about a failed request. `rejected`: the server refused the request. `not-sent`: the request was
 * certainly not carried out. `unknown`: the request was sent and got no reply, so it may have been carried out.
 */
export type Outcome = 'rejected' | 'not-sent' | 'unknown';

/**
 * The code of an error: one of the names of ZooKeeper, such as `NONODE`, or one of three codes that only this client
 * has.
 */
export type ZooKeeperErrorCode = ErrorName | 'ABORTED' | 'CLOSED' | 'INVALID_DATA';

export interface Failure {
  readonly code: ZooKeeperErrorCode;
  readonly outcome: Outcome;
  /** A text that says what happened and where. It becomes part of the error message. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** A watch that a request sets when the server accepts the request. */
export interface WatchRequest<Watcher> {
  readonly kind: WatchKind;
  readonly watcher: Watcher;
}

/** A request and its state, from the call until the request is answered, abandoned or lost. */
export class ClientRequest<Watcher = unknown> {
  xid = 0;
  /**
   * True once a connection has accepted the request. From then on, only a reply shows whether the server carried it
   * out.
   */
  sent = false;
  /** The encoded frame of a request that waits for a connection. The xid is filled in when the frame is sent. */
  parked: Buffer | undefined;
  finished = false;
  failure: Failure | undefined;
  response: unknown;

  constructor(
    readonly operation: Operation,
    /** The path in the sent request, with the chroot; undefined for operations without a path. */
    readonly path: string | undefined,
    readonly body: unknown,
    readonly watch: WatchRequest<Watcher> | undefined,
    private readonly done: (request: ClientRequest<Watcher>) => void,
  ) {}

  succeed(response: unknown): void {
    if (this.finished) return;
    this.finished = true;
    this.response = response;
    this.tell();
  }

  /** Fails the request. Has no effect if the request is already finished. */
  fail(failure: Failure): void {
    if (this.finished) return;
    this.finished = true;
    this.failure = failure;
    this.tell();
  }

  /**
   * Calls `done` with this request. If `done` postpones its work, it must make sure that `tell` is called again later.
   */
  tell(): void {
    this.done(this);
  }

  /** Fails the request because its caller has stopped waiting. A reply that arrives later is ignored. */
  giveUp(code: 'ABORTED' | 'REQUESTTIMEOUT', detail: string, cause?: unknown): void {
    this.fail({ code, outcome: this.sent ? 'unknown' : 'not-sent', detail, cause });
  }
}
