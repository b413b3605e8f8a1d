import type { Id, RingQueue, Writer } from '@nodekeeper/protocol';
import type { Session, SessionOwner } from '../session/session-tracker.js';
import type { Forwarded } from './forwarded-request.js';
import type { Answerable } from './proposal.js';

/** The sender of a write. */
export type Requester = RoleClient | SilentRequester;

/** A client that is connected to this server, as a role uses it. */
export interface RoleClient {
  readonly isSilent: false;
  readonly ids: readonly Id[];
  readonly session: Session | undefined;
  readonly sessionId: bigint;
  /** The timeout that was negotiated in the handshake. */
  readonly sessionTimeoutMs: number;
  readonly isClosed: boolean;
  /** Stands for this server as the owner of the client's session; undefined on a standalone server. */
  readonly owner: SessionOwner | undefined;
  /**
   * On a learner: requests that were forwarded to the leader and are not committed yet. The learner uses them to find
   * out which commit answers which request of this client.
   */
  readonly forwarded: RingQueue<Forwarded>;
  /** On a learner: the zxid of the last proposal that this server received before this client got its session. */
  attachedZxid: number;
  close(reason: string): void;
}

/**
 * The sender of a write to which this server sends no reply. The sender is this server itself, or a client of another
 * server.
 */
export class SilentRequester {
  readonly isSilent = true;
  readonly session = undefined;

  constructor(
    readonly owner: SessionOwner | undefined,
    readonly ids: readonly Id[],
  ) {}
}

/** What a role calls in the part of the server that handles clients. */
export interface ClientSide {
  /** The number of requests that are accepted and not answered yet. */
  readonly outstanding: number;
  /** From now on, the session belongs to this client. The creation of the session may not be committed yet. */
  attach(client: RoleClient, session: Session): void;
  /** The session that the client wants to resume exists, so the client continues it. */
  resumed(client: RoleClient, session: Session): void;
  /** The session that the client wants to resume does not exist or has ended. */
  refused(client: RoleClient, sessionId: bigint): void;
  /** A write of this client is about to be applied. The client's earlier requests must be answered first. */
  committing(client: RoleClient): void;
  /**
   * A write of this client was applied. Answers the write, and then the client's requests that waited for the write.
   */
  committed(client: RoleClient, request: Answerable, err: number, body: Writer): void;
  /** The client that uses this session on this server; undefined if there is none. */
  ofSession(sessionId: bigint): RoleClient | undefined;
  connected(): Iterable<RoleClient>;
}
