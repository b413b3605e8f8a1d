import { Alarm } from './alarm.js';
import { Conversation, type ConversationListener } from './conversation.js';
import { addTraffic, type SessionCounters, zeroCounters } from './counters.js';
import { HostList } from './host-list.js';
import { KeepAlive } from './keep-alive.js';
import { addressText, type LinkHandler, type Ports, type ServerAddress } from './ports.js';
import { ReadWriteProbe } from './read-write-probe.js';
import type { ClientRequest } from './request.js';
import type { SessionOptions } from './session-types.js';
import { reconnectDelayMs, timingOf } from './timing.js';

/**
 * `waiting`: until the next attempt to connect. `dialing`: until the link is open. `greeting`: until the server has
 * answered the connect request and granted the session. `serving`: until the connection is lost. `over`: after `stop`.
 */
type Phase = 'waiting' | 'dialing' | 'greeting' | 'serving' | 'over';

/**
 * Describes a lost connection. The connector schedules the next attempt to connect before it passes this report to the
 * session.
 */
export interface Loss<Watcher> {
  /** A text that names the server and the reason. */
  readonly detail: string;
  /** True if the server had granted the session on this connection. */
  readonly wasServing: boolean;
  /** The requests on the lost connection that got no reply, oldest first. */
  readonly unanswered: Iterable<ClientRequest<Watcher>>;
}

/** The events that a connector reports to its session. */
export interface ConnectorListener<Watcher> extends ConversationListener<Watcher> {
  /** The link to a server is open. The session must send its connect request as the first message of `conversation`. */
  opened(conversation: Conversation<Watcher>): void;
  lost(loss: Loss<Watcher>): void;
  /** No server has answered for so long that the session has certainly expired on the servers. */
  expired(reason: string): void;
}

/**
 * Keeps a session connected: chooses a server, dials, pings, leaves a silent server, and connects to the next server
 * after a delay. A connector has at most one connection at a time.
 */
export class Connector<Watcher> {
  readonly #options: SessionOptions;
  readonly #ports: Ports;
  readonly #listener: ConnectorListener<Watcher>;
  readonly #hosts: HostList;
  readonly #keepAlive: KeepAlive;
  readonly #alarm: Alarm;
  /** The totals of earlier connections, without the traffic of the current connection. */
  readonly #counters = zeroCounters();
  #phase: Phase = 'waiting';
  #phaseEndsMs = 0;
  #conversation: Conversation<Watcher> | undefined;
  #probe: ReadWriteProbe | undefined;
  /**
   * The server that accepts writes, if the probe has found one. The next attempt connects to this server instead of the
   * next server of the list.
   */
  #preferred: ServerAddress | undefined;
  /**
   * The number of attempts to connect since the last useful connection was lost. A connection is useful if its server
   * granted the session and confirmed all watches.
   */
  #attempt = 0;
  /** The timeout that the server granted, in milliseconds. Until the first grant, the requested timeout. */
  #sessionTimeoutMs: number;
  /** True if a server has granted the current session. */
  #isGranted = false;
  #isFlushDue = false;
  #lastProblem = '';

  constructor(options: SessionOptions, ports: Ports, listener: ConnectorListener<Watcher>) {
    this.#options = options;
    this.#ports = ports;
    this.#listener = listener;
    this.#hosts = new HostList(options.servers, ports.random, options.shuffle);
    this.#sessionTimeoutMs = options.sessionTimeoutMs;
    this.#keepAlive = new KeepAlive(this.#timing(), ports.scheduler.monotonicMs());
    this.#alarm = new Alarm(
      ports.scheduler,
      () => this.#deadlineMs(),
      (nowMs) => this.#act(nowMs),
    );
  }

  /** The current connection if its link is open; otherwise undefined. */
  get open(): Conversation<Watcher> | undefined {
    return this.#phase === 'dialing' ? undefined : this.#conversation;
  }

  /** The current connection if its server has granted the session; otherwise undefined. */
  get serving(): Conversation<Watcher> | undefined {
    return this.#phase === 'serving' ? this.#conversation : undefined;
  }

  get counters(): SessionCounters {
    const { pings, pingMs, confirmedMs } = this.#keepAlive;
    const counters = { ...this.#counters, pings, pingMs, confirmedMs };
    if (this.#conversation !== undefined) addTraffic(counters, this.#conversation);
    return counters;
  }

  /**
   * A text that names the server and the reason of the last failed or lost connection. Before the first failure, it
   * names the first server.
   */
  get lastProblem(): string {
    return this.#lastProblem;
  }

  start(): void {
    this.#dial();
  }

  /** Must be called when the server has granted the session. `sessionTimeoutMs` is the granted timeout. */
  granted(sessionTimeoutMs: number, isReadOnly: boolean): void {
    this.#counters.connects++;
    this.#isGranted = true;
    this.#sessionTimeoutMs = sessionTimeoutMs;
    this.#keepAlive.timing = this.#timing();
    this.#keepAlive.granted();
    this.#hosts.connected(this.#conversation!.server);
    if (isReadOnly) this.#probeForReadWrite();
    this.#enter('serving', Number.POSITIVE_INFINITY);
  }

  ponged(): void {
    this.#keepAlive.ponged();
  }

  answered(xid: number): void {
    this.#keepAlive.answered(xid);
  }

  /** Flushes the outbox at the end of the current turn of the event loop. */
  flushLater(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    this.#ports.scheduler.nextTurn(this.#flush);
  }

  readonly #flush = (): void => {
    this.#isFlushDue = false;
    if (this.#conversation === undefined || this.#conversation.outbox.isEmpty) return;
    this.#keepAlive.sent(this.#ports.scheduler.monotonicMs(), this.#conversation.unflushedXid);
    this.#conversation.flush();
  };

  /**
   * Replaces the list of servers. Returns true if the client leaves its current server for another server of the new
   * list.
   */
  updateServers(servers: readonly ServerAddress[]): boolean {
    const current = this.#conversation?.server;
    const leave = this.#hosts.update(servers, current);
    this.#keepAlive.timing = this.#timing();
    if (leave && current !== undefined) this.lose('the list of servers changed');
    return leave;
  }

  /** Closes the current connection, and schedules an attempt to connect to the next server. */
  lose(reason: string): void {
    const conversation = this.#conversation!;
    const wasServing = this.#phase === 'serving';
    const where = addressText(conversation.server);
    const detail = wasServing ? `the connection to ${where} was lost (${reason})` : `${where}: ${reason}`;
    this.#lastProblem = detail;
    if (wasServing) this.#counters.disconnects++;
    else this.#counters.failedConnects++;
    // a server that refused the watches must not reset the delay, which grows with `#attempt`
    if (wasServing && conversation.hasAllWatches) this.#attempt = 0;
    this.#hangUp();
    this.#dialLater();
    this.#listener.lost({ detail, wasServing, unanswered: conversation.unanswered() });
  }

  /**
   * Closes the connection, if there is one, and schedules an attempt to get a new session. `reason` says why the old
   * session is over. Returns the requests that got no reply.
   */
  restart(reason: string): Iterable<ClientRequest<Watcher>> {
    const conversation = this.#conversation;
    this.#lastProblem = reason;
    this.#hangUp();
    this.#isGranted = false;
    this.#sessionTimeoutMs = this.#options.sessionTimeoutMs;
    this.#keepAlive.forget();
    this.#keepAlive.timing = this.#timing();
    this.#dialLater();
    return conversation?.unanswered() ?? [];
  }

  /** Closes the connection and ends all attempts to connect. Returns the requests that got no reply. */
  stop(): Iterable<ClientRequest<Watcher>> {
    const conversation = this.#conversation;
    this.#hangUp();
    this.#phase = 'over';
    this.#alarm.stop();
    return conversation?.unanswered() ?? [];
  }

  #hangUp(): void {
    this.#probe?.stop();
    this.#probe = undefined;
    const conversation = this.#conversation;
    this.#conversation = undefined;
    this.#keepAlive.disconnected();
    if (conversation === undefined) return;
    addTraffic(this.#counters, conversation);
    conversation.end();
  }

  // ---- a new connection

  #dialLater(): void {
    const { reconnectDelay } = this.#options;
    const { random, scheduler } = this.#ports;
    const delayMs = reconnectDelayMs(this.#attempt, this.#hosts.size, reconnectDelay, this.#sessionTimeoutMs, random);
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
      closed: (reason) => conversation === this.#conversation && this.lose(reason),
    };
    conversation = new Conversation<Watcher>(this.#ports.dial(server, handler), server, this.#options, this.#listener);
    this.#conversation = conversation;
    this.#enter('dialing', this.#ports.scheduler.monotonicMs() + this.#keepAlive.timing.connectMs);
  }

  #greet(): void {
    this.#phase = 'greeting';
    this.#keepAlive.greeted(this.#ports.scheduler.monotonicMs());
    this.#listener.opened(this.#conversation!);
    this.#flush();
  }

  #received(chunk: Buffer): void {
    this.#keepAlive.heard(this.#ports.scheduler.monotonicMs());
    this.#conversation!.received(chunk);
  }

  #probeForReadWrite(): void {
    this.#probe = new ReadWriteProbe(
      this.#ports,
      () => this.#hosts.next(),
      (server) => {
        this.#preferred = server;
        this.lose(`${addressText(server)} accepts writes, and this server is read-only`);
      },
    );
  }

  // ---- deadlines

  #timing() {
    return timingOf(this.#sessionTimeoutMs, this.#hosts.size, this.#isGranted);
  }

  #enter(phase: Phase, endsMs: number): void {
    this.#phase = phase;
    this.#phaseEndsMs = endsMs;
    this.#alarm.update();
  }

  /** The time at which the connector must act if no message arrives earlier. */
  #deadlineMs(): number {
    if (this.#phase === 'over') return Number.POSITIVE_INFINITY;
    if (this.#phase === 'serving') return Math.min(this.#keepAlive.pingDueMs, this.#keepAlive.givenUpMs);
    return Math.min(this.#phaseEndsMs, this.#sessionEndsMs());
  }

  /** The time at which the session has certainly expired. It is infinite until a server has granted the session. */
  #sessionEndsMs(): number {
    return this.#isGranted ? this.#keepAlive.expiredMs : Number.POSITIVE_INFINITY;
  }

  #act(nowMs: number): void {
    const silence = `${this.#keepAlive.silenceMs(nowMs)} ms`;
    if (this.#phase === 'serving') this.#watchServer(nowMs, silence);
    else if (nowMs >= this.#sessionEndsMs()) this.#listener.expired(`no server answered for ${silence}`);
    else if (nowMs < this.#phaseEndsMs) return;
    else if (this.#phase === 'waiting') this.#dial();
    else this.lose(`no answer within ${Math.round(this.#keepAlive.timing.connectMs)} ms`);
  }

  #watchServer(nowMs: number, silence: string): void {
    if (nowMs >= this.#keepAlive.givenUpMs) {
      this.lose(`the server sent nothing for ${silence}`);
    } else if (nowMs >= this.#keepAlive.pingDueMs) {
      this.#keepAlive.pinged(nowMs);
      this.#conversation!.ping();
      this.#flush();
    }
  }
}
