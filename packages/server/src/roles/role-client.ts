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
  /** Negotiated when it connected. */
  readonly sessionTimeoutMs: number;
  readonly isClosed: boolean;
  /** The server that the client is connected to; undefined for a standalone server. */
  readonly owner: SessionOwner | undefined;
  /** At a learner: requests sent to the leader and not committed yet. They tell which commits answer this client. */
  readonly forwarded: RingQueue<Forwarded>;
  /** At a learner: the last proposal that was received before this client got its session. */
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

/** What a role tells the client side. */
export interface ClientSide {
  /** Requests taken in and not answered. */
  readonly outstanding: number;
  /** The session belongs to this client from now on. It may not be committed yet. */
  attach(client: RoleClient, session: Session): void;
  /** The client's session lives and continues. */
  resumed(client: RoleClient, session: Session): void;
  /** The session does not exist, or has ended. */
  refused(client: RoleClient, sessionId: bigint): void;
  /** A write of this client is about to be applied: what came before it has to be answered first. */
  committing(client: RoleClient): void;
  /** A write of this client was applied: answers it, and what waited for it. */
  committed(client: RoleClient, request: Answerable, err: number, body: Writer): void;
  /** The client that is connected here with this session. */
  ofSession(sessionId: bigint): RoleClient | undefined;
  connected(): Iterable<RoleClient>;
}
