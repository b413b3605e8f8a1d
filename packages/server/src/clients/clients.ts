import { OpCode, type Writer } from '@nodekeeper/protocol';
import { answerFourLetterWord, type FourLetterWord } from '../admin/four-letter-words.js';
import type { ServerView } from '../admin/server-view.js';
import type { Access } from '../auth/access.js';
import type { ServerConfig } from '../config/server-config.js';
import type { Database } from '../database/database.js';
import type { Events } from '../events/events.js';
import { Chore } from '../events/turns.js';
import type { Logger } from '../log/logger.js';
import type { ServerMeter } from '../meters/server-meter.js';
import type { Random } from '../ports/clock.js';
import type { Transport, TransportHandler } from '../ports/network.js';
import type { Answerable } from '../roles/proposal.js';
import type { Role } from '../roles/role.js';
import type { ClientSide, RoleClient } from '../roles/role-client.js';
import type { Session, SessionOwner } from '../session/session-tracker.js';
import type { Trace } from '../trace/trace.js';
import type { WatchManager } from '../watch/watch-manager.js';
import type { Audit } from './audit.js';
import { Client, type ClientHost } from './client.js';
import { Connection, type ConnectionParts } from './connection.js';
import { ConnectionLimits } from './connection-limits.js';
import { ConnectionThrottle } from './connection-throttle.js';
import { Handshake } from './handshake.js';
import { Intake } from './intake.js';
import { Requests } from './requests.js';
import type { Service } from './service.js';
import { Tally } from './tally.js';
import { WriterPool } from './writer-pool.js';

interface ClientsParts {
  readonly config: ServerConfig;
  readonly events: Events;
  readonly random: Random;
  readonly access: Access;
  readonly watches: WatchManager;
  readonly meter: ServerMeter;
  readonly logger: Logger;
  readonly trace: Trace | undefined;
  readonly audit: Audit | undefined;
  /** Identifies this server as the owner of its clients' sessions; undefined for a standalone server. */
  readonly owner: SessionOwner | undefined;
  /** Returns the server's state, which four-letter words report. */
  view(): ServerView;
}

/**
 * All clients of this server. One instance exists for the whole life of the process. It serves clients only while the
 * server has a role.
 */
export class Clients implements ClientSide, ClientHost {
  readonly access: Access;
  readonly owner: SessionOwner | undefined;
  readonly tally: Tally;
  readonly throttle: ConnectionThrottle;
  readonly requests: Requests;
  readonly #parts: ClientsParts;
  readonly #connectionParts: ConnectionParts;
  readonly #limits: ConnectionLimits;
  readonly #handshake: Handshake;
  readonly #intake: Intake;
  readonly #all = new Set<Client>();
  readonly #bySession = new Map<bigint, Client>();
  #isServing = false;

  constructor(parts: ClientsParts) {
    const { config, events, random, access, meter, logger, trace, audit } = parts;
    this.#parts = parts;
    this.access = access;
    this.owner = parts.owner;
    this.tally = new Tally(meter, events);
    this.requests = new Requests(config, meter);
    this.throttle = new ConnectionThrottle(config, random, events.nowMs);
    this.#limits = new ConnectionLimits(config);
    const { tally, requests } = this;
    const writers = new WriterPool();
    this.#connectionParts = { events, tally, writers, logger, frameBytesMax: config.juteMaxBufferBytes };
    this.#handshake = new Handshake({ config, events, meter, logger, throttle: this.throttle, clients: this });
    this.#intake = new Intake({ config, events, meter, logger, trace, audit, tally, requests, access });
  }

  // ---- the service

  /** The role and the database that serve clients; undefined while clients are not served. */
  get service(): Service | undefined {
    return this.#isServing ? this.#intake.service : undefined;
  }

  get isServing(): boolean {
    return this.#isServing;
  }

  /** Starts to serve clients. `role` handles their writes, and `database` answers their reads. */
  serve(role: Role, database: Database): void {
    const { access, watches, meter, config } = this.#parts;
    const { tree } = database;
    const readState = { tree, watches, access, readTraffic: meter.readTraffic };
    const takesClients = role.mode !== 'leader' || config.leaderServes;
    this.#intake.service = { role, database, readState, takesClients };
    this.#isServing = true;
  }

  /** Closes every connection, and lets the handshake of new connections fail until the next call of `serve`. */
  endService(): void {
    this.#isServing = false;
    for (const client of [...this.#all]) client.close('server shutdown');
  }

  /**
   * Resets the counts of unanswered requests at the end of a term, because these requests will never be answered. Also
   * restarts the counters that `srvr` prints, as in ZooKeeper.
   */
  startOver(): void {
    this.requests.startOver();
    this.tally.startOver();
  }

  tick(): void {
    const { events, config, meter } = this.#parts;
    let waiting = 0;
    for (const client of this.#all) {
      if (client.lane.length > 0) waiting++;
      if (client.session !== undefined) continue;
      if (events.nowMs - client.connection.acceptedMs < config.nioSessionlessCnxnTimeoutMs) continue;
      meter.sessionlessExpired();
      client.close('no session was opened in time');
    }
    meter.ticked(waiting);
  }

  // ---- connections

  /** Handles a new connection. Returns undefined if the connection is refused. */
  accept(transport: Transport): TransportHandler | undefined {
    const { events, meter, logger } = this.#parts;
    events.begin();
    const refusal = this.#limits.admit(transport.remoteAddress);
    if (refusal !== undefined) {
      meter.connectionRejected();
      const { remoteAddress, remotePort } = transport;
      logger.warn(`Refusing a connection: ${refusal}`, { client: `${remoteAddress}:${remotePort}` });
      return undefined;
    }
    const connection = new Connection(this.#connectionParts, transport);
    const client = new Client(this, connection);
    connection.listener = client;
    this.#all.add(client);
    return connection;
  }

  get connectionCount(): number {
    return this.#all.size;
  }

  all(): Iterable<Client> {
    return this.#all;
  }

  // ---- calls from connections

  greet(client: Client, bytes: Buffer, start: number, end: number): void {
    this.#handshake.greet(client, bytes, start, end);
  }

  request(client: Client, bytes: Buffer, start: number, end: number): void {
    this.#intake.request(client, bytes, start, end);
  }

  word({ connection }: Client, word: FourLetterWord, argument: Uint8Array): void {
    this.tally.frameReceived(connection.statistics);
    const pieces = answerFourLetterWord(word, this.#parts.view(), argument);
    for (const piece of pieces) connection.sendRaw(Buffer.from(piece));
    this.tally.wordAnswered(connection.statistics);
    connection.closeAfterReplies(`four-letter word ${word.name}`);
  }

  proceed(client: Client): void {
    if (client.session?.closing === false) client.session.touchedMs = this.#parts.events.nowMs;
    this.#intake.drain(client);
  }

  closed(client: Client, reason: string): void {
    const { logger, events, watches, meter } = this.#parts;
    logger.debug(`Connection closed: ${reason}`, client.logFields());
    this.#all.delete(client);
    this.#limits.closed(client.connection.transport.remoteAddress);
    new Chore(events.turns, watches.removal(client)).takeTurn();
    this.requests.abandoned(client);
    // these requests are not committed yet, and get no reply, because the connection of their client is closed
    while (client.forwarded.length > 0) {
      meter.staleReply();
      if (client.forwarded.shift().type !== OpCode.createSession) this.requests.answered();
    }
    if (this.#bySession.get(client.sessionId) === client) this.#bySession.delete(client.sessionId);
  }

  // ---- calls from roles

  get outstanding(): number {
    return this.requests.outstanding;
  }

  attach(client: Client, session: Session): void {
    client.session = session;
    client.sessionId = session.id;
    this.#bySession.set(session.id, client);
  }

  resumed(client: Client, session: Session): void {
    this.attach(client, session);
    this.#handshake.finish(client);
  }

  refused(client: Client, sessionId: bigint): void {
    this.#handshake.refuse(client, sessionId);
  }

  committing(client: Client): void {
    this.#intake.committing(client);
  }

  committed(client: Client, request: Answerable, err: number, body: Writer): void {
    const isOpened = request.type === OpCode.createSession && !client.isClosed;
    this.#intake.committed(client, request, err, body);
    if (isOpened) this.#handshake.finish(client);
  }

  ofSession(sessionId: bigint): Client | undefined {
    return this.#bySession.get(sessionId);
  }

  connected(): Iterable<RoleClient> {
    return this.#bySession.values();
  }

  /**
   * Closes the connection of the client whose session has ended. If the client asked for the end of the session, the
   * connection closes after the reply.
   */
  sessionClosed(sessionId: bigint): void {
    const client = this.#bySession.get(sessionId);
    if (client !== undefined && !client.isClosingSession) client.close('session closed');
  }
}
