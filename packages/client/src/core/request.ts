import type { ErrorName } from '@nodekeeper/protocol';
import type { Operation } from './operation.js';
import type { WatchKind } from './watch-registry.js';

/**
 * What is known about a failed request. `rejected`: the server refused it. `not-sent`: it was certainly not carried
 * out. `unknown`: it was sent and got no reply, so it may have been carried out.
 */
export type Outcome = 'rejected' | 'not-sent' | 'unknown';

/** ZooKeeper's error names, such as `NONODE`, and three codes that only this client has. */
export type ZooKeeperErrorCode = ErrorName | 'ABORTED' | 'CLOSED' | 'INVALID_DATA';

export interface Failure {
  readonly code: ZooKeeperErrorCode;
  readonly outcome: Outcome;
  /** Text for people: what happened, and where. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** A watch that the reply to a read sets. */
export interface WatchRequest<Watcher> {
  readonly kind: WatchKind;
  readonly watcher: Watcher;
}

/** A request, from the call until it is answered, abandoned or lost. */
export class ClientRequest<Watcher = unknown> {
  xid = 0;
  /** True once a connection has taken the request. From then on only a reply tells whether it was carried out. */
  sent = false;
  /** The frame of a request that was encoded without a connection. Its xid is filled in when it is sent. */
  parked: Buffer | undefined;
  finished = false;
  failure: Failure | undefined;
  response: unknown;

  constructor(
    readonly operation: Operation,
    /** The path with the chroot, as it is sent; undefined for operations without a path. */
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

  /** Has no effect on a finished request. */
  fail(failure: Failure): void {
    if (this.finished) return;
    this.finished = true;
    this.failure = failure;
    this.tell();
  }

  /** Calls `done`, which may postpone the call and make it again later. */
  tell(): void {
    this.done(this);
  }

  /** The caller no longer waits. A later reply is ignored. */
  giveUp(code: 'ABORTED' | 'REQUESTTIMEOUT', detail: string, cause?: unknown): void {
    this.fail({ code, outcome: this.sent ? 'unknown' : 'not-sent', detail, cause });
  }
}
