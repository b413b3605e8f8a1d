import { ErrorCode, Reader, readAuthPacket } from '@nodekeeper/protocol';
import type { Access } from '../auth/access.js';
import { AuthPolicy } from '../auth/auth-policy.js';
import type { AuthExchange, AuthOutcome } from '../auth/providers.js';
import type { ServerConfig } from '../config/server-config.js';
import type { Events } from '../events/events.js';
import { clientText } from '../log/log-text.js';
import type { Logger } from '../log/logger.js';
import type { RequestSpan } from '../roles/request-span.js';
import type { Client } from './client.js';
import type { Requests } from './requests.js';
import type { Tally } from './tally.js';

interface AuthenticationParts {
  readonly config: ServerConfig;
  readonly events: Events;
  readonly access: Access;
  readonly logger: Logger;
  readonly tally: Tally;
  readonly requests: Requests;
}

/** Authenticates clients, and decides whether a client may send requests without authentication. */
export class Authentication {
  readonly #parts: AuthenticationParts;
  readonly #policy: AuthPolicy;
  readonly #reader = new Reader(Buffer.alloc(0));

  constructor(parts: AuthenticationParts) {
    const { enforceAuthEnabled, enforceAuthSchemes } = parts.config;
    this.#parts = parts;
    this.#policy = new AuthPolicy(enforceAuthEnabled ? enforceAuthSchemes : undefined);
  }

  admits(client: Client): boolean {
    return this.#policy.admits(client.ids);
  }

  auth(client: Client, { xid, bytes, start, end }: RequestSpan): void {
    const { scheme, auth } = readAuthPacket(this.#reader.reset(bytes, start, end));
    const exchange = this.#exchangeOf(client, scheme ?? '');
    if (exchange === undefined) {
      this.#authFailed(client, xid, `No authentication provider for scheme ${clientText(scheme)}`);
      return;
    }
    let isTaking = true;
    client.isAuthenticating = true;
    exchange.take(auth, (outcome) => {
      const answer = () => this.#authenticated(client, xid, scheme, outcome);
      if (isTaking) answer();
      else this.#answerLater(client, answer);
    });
    isTaking = false;
    if (client.isAuthenticating) client.connection.stopReading();
  }

  #exchangeOf(client: Client, scheme: string): AuthExchange | undefined {
    const known = client.exchanges.get(scheme);
    if (known !== undefined) return known;
    const { remoteAddress } = client.connection.transport;
    const begun = this.#parts.access.providers.get(scheme)?.begin(remoteAddress);
    if (begun !== undefined) client.exchanges.set(scheme, begun);
    return begun;
  }

  /**
   * Called if the provider decides after `take` has returned. The event in which the message arrived has then ended
   * (see `Events`). This method therefore begins and ends another event for the reply.
   */
  #answerLater(client: Client, answer: () => void): void {
    const { events, requests } = this.#parts;
    if (client.isClosed) return;
    events.begin();
    answer();
    requests.resumeIfFree(client);
    events.end();
  }

  #authenticated(client: Client, xid: number, scheme: string | null, outcome: AuthOutcome): void {
    client.isAuthenticating = false;
    if (outcome.code === ErrorCode.OK && client.addIds(outcome.ids)) client.connection.reply(xid, 0, ErrorCode.OK);
    else this.#authFailed(client, xid, `Authentication failed for scheme ${clientText(scheme)}`, outcome.hangsUp);
  }

  #authFailed(client: Client, xid: number, reason: string, hangsUp = false): void {
    const { tally, logger } = this.#parts;
    tally.statistics.authFailedCount++;
    logger.warn(reason, client.logFields());
    if (!hangsUp) client.connection.reply(xid, 0, ErrorCode.AUTHFAILED);
    client.connection.closeAfterReplies('authentication failed');
  }

  /**
   * Answers a SASL packet as ZooKeeper does without a SASL login: sends a null token and keeps the connection open
   * (spec 2.4.8a).
   */
  sasl({ connection }: Client, xid: number): void {
    connection.beginReply().buffer(null);
    connection.endReply(xid, 0, ErrorCode.OK);
  }

  refuse(client: Client, xid: number): void {
    const { connection } = client;
    this.#parts.logger.warn('Closing the connection: the client did not authenticate', client.logFields());
    connection.reply(xid, 0, ErrorCode.SESSIONCLOSEDREQUIRESASLAUTH);
    connection.closeAfterReplies('authentication required');
  }
}
