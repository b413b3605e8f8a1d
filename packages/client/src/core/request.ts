import type { ErrorName } from '@nodekeeper/protocol';
import type { Operation } from './operation.js';
import type { WatchKind } from './watch-registry.js';

/**
 * What is known of a request that failed: `rejected`, the server refused it; `not-sent`, it was certainly not carried
 * out; `unknown`, it was sent and no answer was seen, so it may have been carried out.
 */
export type Outcome = 'rejected' | 'not-sent' | 'unknown';

/** ZooKeeper's codes by Apache's names, such as `NONODE`, and three that only this client has. */
export type ZooKeeperErrorCode = ErrorName | 'ABORTED' | 'CLOSED' | 'INVALID_DATA';

export interface Failure {
  readonly code: ZooKeeperErrorCode;
  readonly outcome: Outcome;
  /** For people: what happened, where. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** A watch that a reply leaves behind. */
export interface WatchRequest<Watcher> {
  readonly kind: WatchKind;
  readonly watcher: Watcher;
}

/** A request from the moment it is made until it is answered, given up or lost. */
export class ClientRequest<Watcher = unknown> {
  xid = 0;
  /** Handed to a connection: from here on only a reply tells what became of it. */
  sent = false;
  /** Encoded while there was no connection; its xid is filled in when it is sent. */
  parked: Buffer | undefined;
  finished = false;
  failure: Failure | undefined;
  response: unknown;

  constructor(
    readonly operation: Operation,
    /** As it is sent, with chroot; undefined for operations without one. */
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

  /** A request that is already finished stays as it is. */
  fail(failure: Failure): void {
    if (this.finished) return;
    this.finished = true;
    this.failure = failure;
    this.tell();
  }

  /** Calls whom its end concerns, who may want to be called again later. */
  tell(): void {
    this.done(this);
  }

  /** Its caller does not wait any longer; a reply that still comes is passed over. */
  giveUp(code: 'ABORTED' | 'REQUESTTIMEOUT', detail: string, cause?: unknown): void {
    this.fail({ code, outcome: this.sent ? 'unknown' : 'not-sent', detail, cause });
  }
}
