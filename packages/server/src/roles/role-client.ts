import type { Id, RingQueue, Writer } from '@nodekeeper/protocol';
import type { Session, SessionOwner } from '../session/session-tracker.js';
import type { Forwarded } from './forwarded-request.js';
import type { Answerable } from './proposal.js';

/** The sender of a write. */
export type Requester = RoleClient | SilentRequester;

/** A client of this server, as a role sees it. */
export interface RoleClient {
  readonly isSilent: false;
  readonly ids: readonly Id[];
  readonly session: Session | undefined;
  readonly sessionId: bigint;
  /** The timeout that was negotiated in the handshake. */
  readonly sessionTimeoutMs: number;
  readonly isClosed: boolean;
  /** The server that the client is connected to; undefined for a standalone server. */
  readonly owner: SessionOwner | undefined;
  /**
   * On a learner: requests that are forwarded to the leader and not committed yet. They identify the commits that
   * answer this client.
   */
  readonly forwarded: RingQueue<Forwarded>;
  /** On a learner: the last proposal that was received before this client got its session. */
  attachedZxid: number;
  close(reason: string): void;
}

/** A sender that gets no reply from this server: the server itself, or a client of another server. */
export class SilentRequester {
  readonly isSilent = true;
  readonly session = undefined;

  constructor(
    readonly owner: SessionOwner | undefined,
    readonly ids: readonly Id[],
  ) {}
}

/** What a role needs from the client side. */
export interface ClientSide {
  /** Requests that are accepted and not answered yet. */
  readonly outstanding: number;
  /** The session belongs to this client from now on. It may not be committed yet. */
  attach(client: RoleClient, session: Session): void;
  /** The client's session exists and continues. */
  resumed(client: RoleClient, session: Session): void;
  /** The session does not exist, or has ended. */
  refused(client: RoleClient, sessionId: bigint): void;
  /** A write of this client is about to be applied: earlier requests must be answered first. */
  committing(client: RoleClient): void;
  /** A write of this client was applied: answers it, and the requests that waited for it. */
  committed(client: RoleClient, request: Answerable, err: number, body: Writer): void;
  /** The client that is connected to this server with this session. */
  ofSession(sessionId: bigint): RoleClient | undefined;
  connected(): Iterable<RoleClient>;
}
