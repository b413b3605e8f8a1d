import type { ConnectResponse, Reader, WatcherEvent } from '@nodekeeper/protocol';
import { Alarm } from './alarm.js';
import { finish, leaveWatch } from './answer.js';
import { Conversation, type ConversationListener } from './conversation.js';
import { addTraffic, type SessionCounters, zeroCounters } from './counters.js';
import { type AuthEntry, authFailure, settleAuth } from './credentials.js';
import { closedFailure, expiredFailure, failUnanswered, oversizedFailure } from './failures.js';
import { HostList } from './host-list.js';
import { Identity } from './identity.js';
import { KeepAlive } from './keep-alive.js';
import { type Operation, operations } from './operation.js';
import { ParkedRequests } from './parked-requests.js';
import { addressText, type LinkHandler, type Ports, type ServerAddress } from './ports.js';
import { Progress } from './progress.js';
import { ReadWriteProbe } from './read-write-probe.js';
import { ClientRequest, type Failure } from './request.js';
import type { SessionEvent, SessionListener, SessionOptions, State } from './session-types.js';
import { watchBatches } from './set-watches.js';
import { reconnectDelayMs, timingOf } from './timing.js';
import { WatchRegistry } from './watch-registry.js';
import { WatchRequests } from './watch-requests.js';
import { Xids } from './xids.js';

type Phase = 'waiting' | 'dialing' | 'greeting' | 'serving' | 'over';

/**
 * A client's session with an ensemble, free of I/O: connects, greets, keeps alive, moves on to the next server, and puts
 * requests and watches through. Everything that happens comes in through the ports; nothing here waits.
 *
 * Order is kept like this: requests made before a loss of the connection fail with it, sent or not, and those made after
 * it wait for the next connection. So a request is never carried out after one before it got lost.
 */
export class Session<Watcher> implements ConversationListener<Watcher> {
  readonly watches = new WatchRegistry<Watcher>();
  /** What the server may still do about them. */
  readonly watchRequests = new WatchRequests<Watcher>();
  readonly identity: Identity;
  readonly progress = new Progress();
  readonly #options: SessionOptions;
  readonly #ports: Ports;
  readonly #listener: SessionListener<Watcher>;
  readonly #hosts: HostList;
  readonly #auths: AuthEntry[] = [];
  readonly #counters: SessionCounters = zeroCounters();
  #state: State = 'CONNECTING';
  #phase: Phase = 'waiting';
  #conversation: Conversation<Watcher> | undefined;
  readonly #parked: ParkedRequests<Watcher>;
  #probe: ReadWriteProbe | undefined;
  /** Tried before the next one of the list. */
  #preferred: ServerAddress | undefined;
  readonly #keepAlive: KeepAlive;
  readonly #xids: Xids;
  #attempt = 0;
  #phaseEndsMs = 0;
  #isFlushDue = false;
  #closing: (() => void)[] | undefined;
  #overFailure: Failure | undefined;
  #lastProblem = '';
  readonly #alarm: Alarm;

  constructor(options: SessionOptions, ports: Ports, listener: SessionListener<Watcher>) {
    this.#options = options;
    this.#ports = ports;
    this.#listener = listener;
    this.#hosts = new HostList(options.servers, ports.random, options.shuffle);
    this.#parked = new ParkedRequests(options.requestBytesMax);
    const { sessionId, password, sessionTimeoutMs, readOnly } = options;
    this.identity = new Identity(sessionId, password, sessionTimeoutMs, readOnly);
    this.#keepAlive = new KeepAlive(timingOf(sessionTimeoutMs, this.#hosts.size, false), ports.scheduler.monotonicMs());
    this.#xids = new Xids(options.lastXid);
    this.#alarm = new Alarm(
      ports.scheduler,
      () => this.#deadlineMs(),
      (nowMs) => this.#act(nowMs),
    );
  }

  get state(): State {
    return this.#state;
  }

  get lastZxid(): number {
    return this.progress.seenZxid;
  }

  /** The server that serves the session now. */
  get server(): ServerAddress | undefined {
    return this.#phase === 'serving' ? this.#conversation?.server : undefined;
  }

  get pendingCount(): number {
    return this.#conversation?.pending.length ?? 0;
  }

  get parkedCount(): number {
    return this.#parked.length;
  }

  get counters(): SessionCounters {
    const { pings, pingMs } = this.#keepAlive;
    const counters = { ...this.#counters, pings, pingMs };
    if (this.#conversation !== undefined) addTraffic(counters, this.#conversation);
    return counters;
  }

  /** Set once the session is over, and what every request fails with from then on. */
  get overFailure(): Failure | undefined {
    return this.#overFailure;
  }

  /** Which server was tried last, and why that failed, if it has. */
  get lastProblem(): string {
    return this.#lastProblem;
  }

  start(): void {
    this.#dial();
  }

  // ---- requests

  /** Sends the request with this turn's others, or keeps it until there is a connection. */
  submit(request: ClientRequest<Watcher>): void {
    const failure = this.#closedFailure() ?? (this.#phase === 'serving' ? this.#send(request) : this.#park(request));
    if (failure !== undefined) request.fail(failure);
    else this.watchRequests.add(request);
  }

  #send(request: ClientRequest<Watcher>): Failure | undefined {
    const oversize = this.#conversation!.send(request, this.#xids.next());
    if (oversize !== undefined) return oversizedFailure(oversize, this.#options.requestBytesMax);
    this.#counters.requestsSent++;
    this.#flushLater();
    return undefined;
  }

  #park(request: ClientRequest<Watcher>): Failure | undefined {
    return oversizedFailure(this.#parked.add(request), this.#options.requestBytesMax);
  }

  /** Why nothing is taken any more. */
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
    if (this.#phase !== 'serving' && this.#phase !== 'greeting') return;
    this.#conversation!.authenticate(entry);
    this.#flushLater();
  }

  /** True when the session leaves its server for another one of the new list. */
  updateServers(servers: readonly ServerAddress[]): boolean {
    // one that is being closed has only its farewell to say, and to this server
    if (this.#closedFailure() !== undefined) return false;
    const current = this.#conversation?.server;
    const leave = this.#hosts.update(servers, current);
    this.#keepAlive.timing = timingOf(this.identity.timeoutMs, this.#hosts.size, this.#counters.connects > 0);
    if (leave && current !== undefined) this.#lose('the list of servers was changed');
    return leave;
  }

  /** Ends the session on the server too, where one is connected and it is not kept; `done` is called when all is over. */
  close(done: () => void, keepsSession = false): void {
    if (this.#phase === 'over') {
      done();
    } else if (this.#closing !== undefined) {
      this.#closing.push(done);
    } else {
      this.#closing = [done];
      // the answer to the last request comes behind all others
      if (this.#phase !== 'serving') this.closeNow();
      else if (keepsSession) this.#sendLast(operations.exists, { path: '/', watch: false });
      else this.#sendLast(operations.closeSession, undefined);
    }
  }

  #sendLast(operation: Operation, body: unknown): void {
    const farewell = new ClientRequest<Watcher>(operation, undefined, body, undefined, () => this.closeNow());
    this.#conversation!.send(farewell, this.#xids.next());
    this.#flushLater();
  }

  /** Without a word to the server, and without an answer to what was sent. */
  closeNow(): void {
    this.#end('CLOSED', 'Closed', closedFailure, 'closed by the application');
  }

  #flushLater(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    this.#ports.scheduler.nextTurn(this.#flush);
  }

  readonly #flush = (): void => {
    this.#isFlushDue = false;
    if (this.#conversation === undefined || this.#conversation.outbox.isEmpty) return;
    this.#keepAlive.sent(this.#ports.scheduler.monotonicMs());
    this.#conversation.flush();
  };

  // ---- one connection after the other

  #dialLater(): void {
    const { reconnectDelay } = this.#options;
    const { random, scheduler } = this.#ports;
    const { timeoutMs } = this.identity;
    const delayMs = reconnectDelayMs(this.#attempt, this.#hosts.size, reconnectDelay, timeoutMs, random);
    this.#enter('waiting', scheduler.monotonicMs() + (this.#preferred === undefined ? delayMs : 0));
  }

  #dial(): void {
    const server = this.#preferred ?? this.#hosts.next();
    this.#preferred = undefined;
    this.#attempt++;
    if (this.#lastProblem === '') this.#lastProblem = `${addressText(server)}: no answer yet`;
    let conversation: Conversation<Watcher> | undefined;
    const handler: LinkHandler = {
      connected: () => conversation === this.#conversation && this.#greet(),
      received: (chunk) => conversation === this.#conversation && this.#received(chunk),
      closed: (reason) => conversation === this.#conversation && this.#lose(reason),
    };
    conversation = new Conversation<Watcher>(this.#ports.dial(server, handler), server, this.#options, this);
    this.#conversation = conversation;
    this.#enter('dialing', this.#ports.scheduler.monotonicMs() + this.#keepAlive.timing.connectMs);
  }

  #greet(): void {
    this.#phase = 'greeting';
    const { seenZxid, toldZxid } = this.progress;
    const batches = watchBatches(this.watches, toldZxid);
    this.#conversation!.greet(this.identity.connectRequest(seenZxid), this.#auths, batches);
    this.#flush();
  }

  #received(chunk: Buffer): void {
    this.#keepAlive.heard(this.#ports.scheduler.monotonicMs());
    this.#conversation!.received(chunk);
  }

  /** The connection is gone, or given up. The session goes on with another one. */
  #lose(reason: string): void {
    const conversation = this.#conversation!;
    const wasServing = this.#phase === 'serving';
    const where = addressText(conversation.server);
    const detail = wasServing ? `the connection to ${where} was lost (${reason})` : `${where}: ${reason}`;
    this.#lastProblem = detail;
    if (this.#closing !== undefined) {
      this.#end('CLOSED', 'Closed', closedFailure, detail);
      return;
    }
    this.#dropConversation();
    if (wasServing) this.#counters.disconnects++;
    else this.#counters.failedConnects++;
    this.#state = 'CONNECTING';
    if (wasServing) this.watchRequests.clear(); // none is parked while one serves
    // before anyone is told, so that whoever answers with new requests finds the session waiting
    this.#dialLater();
    failUnanswered(conversation.unanswered(), { code: 'CONNECTIONLOSS', outcome: 'unknown', detail });
    if (!this.#options.autoWatchReset) this.watches.clearOneShot();
    // whoever was told may have closed the session
    if (wasServing && this.#closing === undefined) this.#listener.sessionEvent('Disconnected', detail);
  }

  #dropConversation(): void {
    this.#probe?.stop();
    this.#probe = undefined;
    const conversation = this.#conversation;
    this.#conversation = undefined;
    this.#keepAlive.disconnected();
    if (conversation === undefined) return;
    addTraffic(this.#counters, conversation);
    conversation.end();
  }

  #end(state: State, event: SessionEvent, failure: Failure, reason: string): void {
    if (this.#phase === 'over') return;
    const conversation = this.#conversation;
    this.#dropConversation();
    this.#phase = 'over';
    this.#state = state;
    this.#overFailure = { ...failure, outcome: 'not-sent' };
    this.#alarm.stop();
    failUnanswered(conversation?.unanswered() ?? [], failure);
    this.#parked.failAll(this.#overFailure);
    for (const entry of this.#auths) settleAuth(entry, this.#overFailure);
    this.watches.clear();
    this.watchRequests.clear();
    this.#listener.sessionEvent(event, reason);
    for (const done of this.#closing ?? []) done();
  }

  // ---- what the server says

  greeted(response: ConnectResponse): void {
    if (response.timeOut > 0) this.#serve(response);
    else this.#expire('the server does not know the session any more');
  }

  #serve(response: ConnectResponse): void {
    this.#phase = 'serving';
    this.#attempt = 0;
    this.#counters.connects++;
    this.identity.granted(response);
    this.#keepAlive.timing = timingOf(response.timeOut, this.#hosts.size, true);
    this.#hosts.connected(this.#conversation!.server);
    if (response.readOnly) this.#probeForReadWrite();
    this.#state = response.readOnly ? 'CONNECTEDREADONLY' : 'CONNECTED';
    this.#sendParked();
    this.#enter('serving', Number.POSITIVE_INFINITY);
    const event = response.readOnly ? 'ConnectedReadOnly' : 'SyncConnected';
    this.#listener.sessionEvent(event, `connected to ${addressText(this.#conversation!.server)}`);
  }

  #sendParked(): void {
    for (const request of this.#parked.drain()) {
      this.#conversation!.send(request, this.#xids.next());
      this.#counters.requestsSent++;
    }
    this.#flushLater();
  }

  #probeForReadWrite(): void {
    this.#probe = new ReadWriteProbe(
      this.#ports,
      () => this.#hosts.next(),
      (server) => {
        this.#preferred = server;
        this.#lose(`${addressText(server)} serves writes, this one is read-only`);
      },
    );
  }

  replied(request: ClientRequest<Watcher>, err: number, reader: Reader): void {
    this.#counters.repliesReceived++;
    this.watchRequests.delete(request);
    leaveWatch(this.watches, request, err);
    finish(request, err, reader, this.#conversation!.server);
  }

  watchEvent(event: WatcherEvent, zxid: number): void {
    this.#counters.watchEvents++;
    const path = event.path ?? '';
    const watchers = this.watches.take(event.type, path);
    if (watchers.size > 0) this.#listener.watchEvent(watchers, event.type, path, zxid);
  }

  watchesReset(zxid: number): void {
    if (this.progress.toldUntil(zxid)) this.#listener.watchesInterrupted(zxid);
  }

  authenticated(entry: AuthEntry, err: number): void {
    const failure = authFailure(entry, err);
    settleAuth(entry, failure);
    if (failure !== undefined) this.#end('AUTH_FAILED', 'AuthFailed', failure, failure.detail!);
  }

  ponged(): void {
    this.#keepAlive.ponged();
  }

  /** Before the greeting it may be no ZooKeeper at all: the next server, please. After it, no reply can be trusted. */
  brokeProtocol(reason: string): void {
    const detail = `${addressText(this.#conversation!.server)} does not keep to the protocol: ${reason}`;
    if (this.#phase !== 'serving') this.#lose(detail);
    else this.#end('CLOSED', 'Closed', { code: 'MARSHALLINGERROR', outcome: 'unknown', detail }, detail);
  }

  #expire(reason: string): void {
    const failure = expiredFailure(this.identity.sessionId, reason);
    this.#end('CLOSED', 'Expired', failure, failure.detail!);
  }

  // ---- time

  #enter(phase: Phase, endsMs: number): void {
    this.#phase = phase;
    this.#phaseEndsMs = endsMs;
    this.#alarm.update();
  }

  /** When something must happen by itself. */
  #deadlineMs(): number {
    if (this.#phase === 'over') return Number.POSITIVE_INFINITY;
    if (this.#phase === 'serving') return Math.min(this.#keepAlive.pingDueMs, this.#keepAlive.givenUpMs);
    return Math.min(this.#phaseEndsMs, this.#sessionEndsMs());
  }

  /** A session that is not known yet to be granted cannot end. */
  #sessionEndsMs(): number {
    return this.#counters.connects > 0 ? this.#keepAlive.expiredMs : Number.POSITIVE_INFINITY;
  }

  #act(nowMs: number): void {
    const silence = `${this.#keepAlive.silenceMs(nowMs)} ms`;
    if (this.#phase === 'serving') this.#watchServer(nowMs, silence);
    else if (nowMs >= this.#sessionEndsMs()) this.#expire(`no server was heard for ${silence}`);
    else if (nowMs < this.#phaseEndsMs || this.#phase === 'over') return;
    else if (this.#phase === 'waiting') this.#dial();
    else this.#lose(`no answer for ${Math.round(this.#keepAlive.timing.connectMs)} ms`);
  }

  #watchServer(nowMs: number, silence: string): void {
    if (nowMs >= this.#keepAlive.givenUpMs) {
      this.#lose(`nothing was heard for ${silence}`);
    } else if (nowMs >= this.#keepAlive.pingDueMs) {
      this.#keepAlive.pinged(nowMs);
      this.#conversation!.ping();
      this.#flush();
    }
  }
}
