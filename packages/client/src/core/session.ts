import { type ConnectResponse, errorName, type Reader, type WatcherEvent } from '@nodekeeper/protocol';
import { finish, leaveWatch } from './answer.js';
import { Connector, type ConnectorListener, type Loss } from './connector.js';
import type { Conversation } from './conversation.js';
import type { SessionCounters } from './counters.js';
import { type AuthEntry, authFailure, settleAuth } from './credentials.js';
import { closedFailure, expiredFailure, failUnanswered, oversizedFailure } from './failures.js';
import { Identity } from './identity.js';
import { type Operation, operations } from './operation.js';
import { ParkedRequests } from './parked-requests.js';
import { addressText, type Ports, type ServerAddress } from './ports.js';
import { Progress } from './progress.js';
import { ClientRequest, type Failure } from './request.js';
import type { SessionEvent, SessionListener, SessionOptions, State } from './session-types.js';
import { watchBatches } from './set-watches.js';
import { WatchRegistry } from './watch-registry.js';
import { WatchRequests } from './watch-requests.js';

const xidMax = 0x7fffffff;

/**
 * A client's session with an ensemble. It sends requests, passes on their replies, and keeps the watches. The connector
 * keeps the session connected. This class does no I/O itself: it uses the clock and the network only through `Ports`,
 * and no method blocks.
 *
 * The session keeps the order of requests. When a connection is lost, all requests made before the loss fail, whether
 * they were sent or not. Requests made after the loss wait for the next connection. Without this rule, the next server
 * could carry out a request although an earlier request was lost.
 */
export class Session<Watcher> implements ConnectorListener<Watcher> {
  readonly watches = new WatchRegistry<Watcher>();
  /** The requests that set or remove watches and have no reply yet. */
  readonly watchRequests = new WatchRequests<Watcher>();
  readonly identity: Identity;
  readonly progress = new Progress();
  readonly #options: SessionOptions;
  readonly #listener: SessionListener<Watcher>;
  readonly #connector: Connector<Watcher>;
  readonly #auths: AuthEntry[] = [];
  readonly #parked: ParkedRequests<Watcher>;
  #state: State = 'CONNECTING';
  #lastXid: number;
  /** The callbacks to run when the session has ended; undefined until `close` is called. */
  #closing: (() => void)[] | undefined;
  #overFailure: Failure | undefined;

  constructor(options: SessionOptions, ports: Ports, listener: SessionListener<Watcher>) {
    this.#options = options;
    this.#listener = listener;
    this.#parked = new ParkedRequests(options.requestBytesMax);
    this.#lastXid = options.lastXid;
    const { sessionId, password, sessionTimeoutMs, readOnly } = options;
    this.identity = new Identity(sessionId, password, sessionTimeoutMs, readOnly);
    this.#connector = new Connector<Watcher>(options, ports, this);
  }

  get state(): State {
    return this.#state;
  }

  get lastZxid(): number {
    return this.progress.seenZxid;
  }

  /** The server to which the session is connected; undefined without a connection. */
  get server(): ServerAddress | undefined {
    return this.#connector.serving?.server;
  }

  get pendingCount(): number {
    return this.#connector.open?.pending.length ?? 0;
  }

  get parkedCount(): number {
    return this.#parked.length;
  }

  get counters(): SessionCounters {
    return this.#connector.counters;
  }

  /** The failure of every request that is made after the end of the session; undefined until the session ends. */
  get overFailure(): Failure | undefined {
    return this.#overFailure;
  }

  /**
   * A text that names the server and the reason of the last failed or lost connection. Before the first failure, it
   * names the first server.
   */
  get lastProblem(): string {
    return this.#connector.lastProblem;
  }

  start(): void {
    this.#connector.start();
  }

  // ---- requests

  /**
   * Sends the request at the end of the current turn of the event loop. Without a connection, keeps the request until
   * there is one.
   */
  submit(request: ClientRequest<Watcher>): void {
    const failure = this.#closedFailure() ?? this.#take(request);
    if (failure !== undefined) request.fail(failure);
    else this.watchRequests.add(request);
  }

  #take(request: ClientRequest<Watcher>): Failure | undefined {
    const { serving } = this.#connector;
    const oversize = serving === undefined ? this.#parked.add(request) : this.#send(serving, request);
    return oversizedFailure(oversize, this.#options.requestBytesMax);
  }

  /**
   * Sends the request and returns undefined. If the request exceeds the size limit, does not send it and returns the
   * size in bytes.
   */
  #send(conversation: Conversation<Watcher>, request: ClientRequest<Watcher>): number | undefined {
    this.#lastXid = this.#lastXid >= xidMax ? 1 : this.#lastXid + 1;
    const oversize = conversation.send(request, this.#lastXid);
    if (oversize === undefined) this.#connector.flushLater();
    return oversize;
  }

  /** The failure of every request that is made while the session is closing or after its end; otherwise undefined. */
  #closedFailure(): Failure | undefined {
    return this.#overFailure ?? (this.#closing === undefined ? undefined : closedFailure);
  }

  addAuth(entry: AuthEntry): void {
    const failure = this.#closedFailure();
    if (failure !== undefined) {
      settleAuth(entry, failure);
      return;
    }
    this.#auths.push(entry);
    const { open } = this.#connector;
    if (open === undefined) return;
    open.authenticate(entry);
    this.#connector.flushLater();
  }

  /**
   * Replaces the list of servers. Returns true if the session leaves its current server for another server of the new
   * list.
   */
  updateServers(servers: readonly ServerAddress[]): boolean {
    // a closing session stays with its current server until that server has answered the last request
    return this.#closedFailure() === undefined && this.#connector.updateServers(servers);
  }

  // ---- the end of the session

  /**
   * Ends the session for this client, and then calls `done`. If a server is connected and `keepsSession` is false, the
   * server ends the session too.
   */
  close(done: () => void, keepsSession = false): void {
    if (this.#overFailure !== undefined) {
      done();
    } else if (this.#closing !== undefined) {
      this.#closing.push(done);
    } else {
      this.#closing = [done];
      // the server answers requests in order, so the reply to the last request means that all others are answered
      const { serving } = this.#connector;
      if (serving === undefined) this.closeNow();
      else if (keepsSession) this.#sendLast(serving, operations.exists, { path: '/', watch: false });
      else this.#sendLast(serving, operations.closeSession, undefined);
    }
  }

  #sendLast(conversation: Conversation<Watcher>, operation: Operation, body: unknown): void {
    this.#send(conversation, new ClientRequest<Watcher>(operation, undefined, body, undefined, () => this.closeNow()));
  }

  /** Ends the session for this client only, without waiting for a server. */
  closeNow(): void {
    this.#end('CLOSED', 'Closed', closedFailure, 'closed by the application');
  }

  /** `lost` holds the unanswered requests if the connector has already closed their connection. */
  #end(
    state: State,
    event: SessionEvent,
    failure: Failure,
    reason: string,
    lost?: Iterable<ClientRequest<Watcher>>,
  ): void {
    if (this.#overFailure !== undefined) return;
    const unanswered = this.#connector.stop();
    this.#state = state;
    this.#overFailure = { ...failure, outcome: 'not-sent' };
    failUnanswered(lost ?? unanswered, failure);
    this.#parked.failAll(this.#overFailure);
    for (const entry of this.#auths) settleAuth(entry, this.#overFailure);
    this.watches.clear();
    this.watchRequests.clear();
    this.#listener.sessionEvent(event, reason);
    for (const done of this.#closing ?? []) done();
  }

  // ---- events of the connector

  opened(conversation: Conversation<Watcher>): void {
    const { seenZxid, toldZxid } = this.progress;
    const batches = watchBatches(this.watches, toldZxid);
    conversation.greet(this.identity.connectRequest(seenZxid), this.#auths, batches);
  }

  /** Called when a connection is lost. The session continues with the next connection, unless it is closing. */
  lost({ detail, wasServing, unanswered }: Loss<Watcher>): void {
    if (this.#closing !== undefined) {
      this.#end('CLOSED', 'Closed', closedFailure, detail, unanswered);
      return;
    }
    this.#state = 'CONNECTING';
    // requests wait only while no connection serves, so all watch requests were sent on the lost connection
    if (wasServing) this.watchRequests.clear();
    failUnanswered(unanswered, { code: 'CONNECTIONLOSS', outcome: 'unknown', detail });
    if (!this.#options.autoWatchReset) this.watches.clearOneShot();
    // the callback of a failed request may have closed the session
    if (wasServing && this.#closing === undefined) this.#listener.sessionEvent('Disconnected', detail);
  }

  expired(reason: string): void {
    const failure = expiredFailure(this.identity.sessionId, reason);
    if (this.#options.renewSession && this.#closing === undefined) this.#renew(failure);
    else this.#end('CLOSED', 'Expired', failure, failure.detail!);
  }

  /**
   * Continues with a new session. The watches stay: the next server compares them with `progress`, which does not
   * depend on the session. Requests without a reply fail, because they were made for the old session.
   */
  #renew(failure: Failure): void {
    const unanswered = this.#connector.restart(failure.detail!);
    const waiting = [...this.#parked.drain()];
    this.identity.forget();
    this.#state = 'CONNECTING';
    this.watchRequests.clear();
    failUnanswered(unanswered, failure);
    for (const request of waiting) request.fail(failure);
    // the callback of a failed request may have closed the session
    if (this.#closing === undefined) this.#listener.sessionEvent('Expired', failure.detail!);
  }

  // ---- messages of the server

  greeted(response: ConnectResponse): void {
    if (response.timeOut > 0) this.#serve(response);
    else this.expired('the server no longer knows the session');
  }

  #serve(response: ConnectResponse): void {
    this.identity.granted(response);
    this.#connector.granted(response.timeOut, response.readOnly);
    this.#state = response.readOnly ? 'CONNECTEDREADONLY' : 'CONNECTED';
    const conversation = this.#connector.serving!;
    for (const request of this.#parked.drain()) this.#send(conversation, request);
    const event = response.readOnly ? 'ConnectedReadOnly' : 'SyncConnected';
    this.#listener.sessionEvent(event, `connected to ${addressText(conversation.server)}`);
  }

  replied(request: ClientRequest<Watcher>, err: number, reader: Reader): void {
    this.#connector.answered(request.xid);
    this.watchRequests.delete(request);
    leaveWatch(this.watches, request, err);
    finish(request, err, reader, this.#connector.serving!.server);
  }

  watchEvent(event: WatcherEvent, zxid: number): void {
    const path = event.path ?? '';
    const watchers = this.watches.take(event.type, path);
    if (watchers.size > 0) this.#listener.watchEvent(watchers, event.type, path, zxid);
  }

  watchesReset(zxid: number): void {
    if (this.progress.toldUntil(zxid)) this.#listener.watchesInterrupted(zxid);
  }

  /** Leaves the server, because the session would miss events of the refused watches without notice. */
  watchesRefused(err: number): void {
    if (this.#closing !== undefined) return; // a closing session must stay connected until its last request is answered
    this.#connector.lose(`the server refuses the session's watches with ${errorName(err) ?? `error ${err}`}`);
  }

  authenticated(entry: AuthEntry, err: number): void {
    const failure = authFailure(entry, err);
    settleAuth(entry, failure);
    if (failure !== undefined) this.#end('AUTH_FAILED', 'AuthFailed', failure, failure.detail!);
  }

  ponged(): void {
    this.#connector.ponged();
  }

  /**
   * Before a valid greeting, the peer may not be a ZooKeeper server, so the connector tries the next server. After the
   * greeting, the session ends, because no later reply of this server can be trusted.
   */
  brokeProtocol(reason: string): void {
    const { open, serving } = this.#connector;
    const where = addressText(open!.server);
    const detail = `${where} violates the protocol: ${reason}`;
    if (serving === undefined) this.#connector.lose(detail);
    else this.#end('CLOSED', 'Closed', { code: 'MARSHALLINGERROR', outcome: 'unknown', detail }, detail);
  }
}
