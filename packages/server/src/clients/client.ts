import { type ACL, type Id, Perm, RingQueue } from '@nodekeeper/protocol';
import type { FourLetterWord } from '../admin/four-letter-words.js';
import type { Access } from '../auth/access.js';
import type { AuthExchange } from '../auth/providers.js';
import type { Client as OpsClient } from '../ops/read-state.js';
import type { Forwarded } from '../roles/forwarded-request.js';
import type { RoleClient } from '../roles/role-client.js';
import type { Session, SessionOwner } from '../session/session-tracker.js';
import type { Connection, ConnectionListener } from './connection.js';
import { Lane } from './lane.js';
import type { SteppedRead } from './stepped-read.js';

const idsMax = 1000;
const idLettersMax = 64 * 1024;

/**
 * The interface through which a client uses `Clients`. It receives the client's frames, and provides the objects that
 * all clients share.
 */
export interface ClientHost {
  readonly access: Access;
  readonly owner: SessionOwner | undefined;
  greet(client: Client, bytes: Buffer, start: number, end: number): void;
  request(client: Client, bytes: Buffer, start: number, end: number): void;
  word(client: Client, word: FourLetterWord, argument: Uint8Array): void;
  proceed(client: Client): void;
  closed(client: Client, reason: string): void;
}

/** A client of this server, with its identity and its unanswered requests. */
export class Client implements ConnectionListener, OpsClient, RoleClient {
  readonly isSilent = false;
  readonly connection: Connection;
  readonly lane = new Lane();
  session: Session | undefined;
  sessionId = 0n;
  sessionTimeoutMs = 0;
  /** True once the handshake is complete and the client's requests are accepted. */
  isServed = false;
  /** True if the client's ConnectRequest ended with a readOnly byte. The ConnectResponse then ends with one, too. */
  knowsReadOnly = false;
  ids: readonly Id[];
  /** The client's authentication exchanges, in progress or complete, by scheme. */
  readonly exchanges = new Map<string, AuthExchange>();
  /**
   * True while an authentication provider is deciding about a message. The server then reads nothing from the client.
   */
  isAuthenticating = false;
  /** True once the client has asked to close its session. The connection closes after the reply. */
  isClosingSession = false;
  readonly forwarded = new RingQueue<Forwarded>();
  attachedZxid = 0;
  /** Total bytes of this client's unanswered large requests. */
  largeRequestBytes = 0;
  watchBytes = 0;
  /** The read that is being answered in several steps; undefined if there is none. */
  stepped: SteppedRead | undefined;
  readonly #host: ClientHost;

  constructor(host: ClientHost, connection: Connection) {
    this.#host = host;
    this.connection = connection;
    this.ids = [{ scheme: 'ip', id: connection.transport.remoteAddress }];
  }

  get isClosed(): boolean {
    return this.connection.state === 'closed';
  }

  get owner(): SessionOwner | undefined {
    return this.#host.owner;
  }

  // ---- calls from the connection

  frame(bytes: Buffer, start: number, end: number): void {
    if (this.session === undefined) this.#host.greet(this, bytes, start, end);
    else this.#host.request(this, bytes, start, end);
  }

  word(word: FourLetterWord, argument: Uint8Array): void {
    this.#host.word(this, word, argument);
  }

  proceed(): void {
    this.#host.proceed(this);
  }

  closed(reason: string): void {
    this.stepped = undefined;
    this.#host.closed(this, reason);
  }

  // ---- watches

  mayRead(acl: readonly ACL[]): boolean {
    return this.#host.access.allows(acl, Perm.READ, this.ids);
  }

  notify(frame: Buffer): void {
    if (!this.isClosed) this.connection.sendFrame(frame);
  }

  // ---- identity

  /**
   * Adds ids that an authentication has accepted. Returns false, and adds none, if the client would exceed `idsMax` or
   * `idLettersMax`. The limits exist because each id costs memory, and time in every permission check.
   */
  addIds(added: readonly Id[]): boolean {
    const isNew = (id: Id) => !this.ids.some((known) => known.scheme === id.scheme && known.id === id.id);
    const ids = [...this.ids, ...added.filter(isNew)];
    const letters = ids.reduce((sum, { scheme, id }) => sum + (scheme?.length ?? 0) + (id?.length ?? 0), 0);
    if (ids.length > idsMax || letters > idLettersMax) return false;
    this.ids = ids;
    return true;
  }

  // ---- closing

  close(reason: string): void {
    this.connection.close(reason);
  }

  logFields(): Record<string, unknown> {
    const { remoteAddress, remotePort } = this.connection.transport;
    const client = `${remoteAddress}:${remotePort}`;
    return this.sessionId === 0n
      ? { client }
      : { client, session: `0x${BigInt.asUintN(64, this.sessionId).toString(16)}` };
  }
}
