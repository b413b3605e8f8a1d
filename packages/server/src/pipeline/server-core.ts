import { ErrorCode, OpCode } from '@nodekeeper/protocol';
import { answerFourLetterWord, type FourLetterWord } from '../admin/four-letter-words.js';
import { createMetrics, type Metrics } from '../admin/metrics.js';
import { ServerStatistics } from '../admin/statistics.js';
import { Access } from '../auth/access.js';
import { AuthPolicy } from '../auth/auth-policy.js';
import { authProviders } from '../auth/providers.js';
import type { ServerConfig } from '../config/server-config.js';
import type { Logger } from '../log/logger.js';
import { Connection } from '../net/connection.js';
import { ConnectionLimits } from '../net/connection-limits.js';
import { ConnectionThrottle } from '../net/connection-throttle.js';
import { Handshake } from '../net/handshake.js';
import { WriterPool } from '../net/writer-pool.js';
import type { PrepareState } from '../ops/preparation.js';
import type { ReadState } from '../ops/read-state.js';
import type { Random } from '../ports/clock.js';
import type { Disk } from '../ports/disk.js';
import type { Transport, TransportHandler } from '../ports/network.js';
import type { Scheduler } from '../ports/scheduler.js';
import { Standstill } from '../ports/standstill.js';
import { SessionTracker } from '../session/session-tracker.js';
import { logDirectory, TxnLog } from '../storage/index.js';
import { type SessionEvents, TxnApplier } from '../tree/apply-txn.js';
import type { DataTree } from '../tree/data-tree.js';
import { OutstandingChanges } from '../tree/outstanding-changes.js';
import { Quotas } from '../tree/quotas.js';
import { WatchManager } from '../watch/watch-manager.js';
import { CoreMeter } from './core-meter.js';
import { CoreView } from './core-view.js';
import type { DigestLog } from './digest-log.js';
import { logExpired } from './expiry-log.js';
import { Intake } from './intake.js';
import type { DatabaseContent } from './load-database.js';
import { LocalRoute } from './local-route.js';
import { Reaper } from './reaper.js';
import { Snapshots } from './snapshots.js';
import { deleteSurplusEphemerals } from './surplus-ephemerals.js';
import { Chore, Turns } from './turns.js';
import { WritePath } from './write-path.js';
import type { WriteRoute } from './write-route.js';

export interface CorePorts {
  readonly disk: Disk;
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Of this process; undefined where the system does not tell. */
  readonly fileDescriptors: () => { open: number | undefined; max: number | undefined };
  readonly environment: () => Iterable<readonly [key: string, value: string]>;
  /** This server's id in its ensemble; undefined when it is alone. */
  readonly serverId?: number;
}

/** What a server is in its ensemble; one that is alone is `standalone`. */
export type ServerMode = 'standalone' | 'leader' | 'follower' | 'observer';

/** Standalone servers hand out session ids as server 1 (inventory 1.9.3). */
const standaloneServerId = 1;
const logRetryMs = 1000;
/** As much is worth a write of its own: the disk works on it while the rest of the turn is prepared. */
const eagerFlushBytes = 64 * 1024;
const purgeHourMs = 3_600_000;

/**
 * The server without its I/O: owns the parts, and is told what happens by calls that never nest. Every call from outside
 * is an event: it begins with a look at the clock and ends with what it made being sent, so that each socket is written
 * to once.
 */
export class ServerCore implements ReadState, PrepareState {
  readonly config: ServerConfig;
  readonly ports: CorePorts;
  readonly logger: Logger;
  readonly tree: DataTree;
  readonly digests: DigestLog;
  readonly watches: WatchManager;
  readonly quotas: Quotas;
  readonly sessions: SessionTracker;
  readonly access: Access;
  readonly authPolicy: AuthPolicy;
  readonly changes: OutstandingChanges;
  readonly log: TxnLog;
  readonly writePath: WritePath;
  readonly snapshots: Snapshots;
  readonly handshake: Handshake;
  readonly intake: Intake;
  readonly turns: Turns;
  readonly connectionThrottle: ConnectionThrottle;
  readonly writers = new WriterPool();
  readonly statistics = new ServerStatistics();
  readonly metrics: Metrics;
  readonly readTraffic: CoreMeter['readTraffic'];
  readonly view: CoreView;
  readonly connections = new Set<Connection>();
  readonly connectionBySession = new Map<bigint, Connection>();
  readonly txnBytesMax: number;
  readonly applier: TxnApplier;
  /** In an ensemble this may change, as long as `serving` is false. */
  mode: ServerMode = 'standalone';
  route: WriteRoute;
  /** Marks the sessions of this server's own clients; undefined where there are no others. */
  owner: unknown;
  /** Requests taken in and not answered. */
  outstanding = 0;
  largeRequestBytes = 0;
  /** The clocks, read once an event. */
  nowMs: number;
  wallMs: number;
  /** When this server took up what it does now. */
  startedMs: number;
  serving = false;
  readonly #connectionLimits: ConnectionLimits;
  readonly #reaper: Reaper;
  readonly meter: CoreMeter;
  #dirty: Connection[] = [];
  #flushScheduled = false;
  #standstill = new Standstill(0);
  #stopTicking: () => void = () => {};
  #logRetryMs = 0;
  #purgedMs: number;

  constructor(
    config: ServerConfig,
    ports: CorePorts,
    database: DatabaseContent,
    logger: Logger,
    metrics = createMetrics(),
  ) {
    this.metrics = metrics;
    this.meter = new CoreMeter(metrics, ports.scheduler);
    this.readTraffic = this.meter.readTraffic;
    this.config = config;
    this.ports = ports;
    this.logger = logger;
    this.turns = new Turns(ports.scheduler, this);
    this.#connectionLimits = new ConnectionLimits(config);
    this.nowMs = ports.scheduler.monotonicMs();
    this.wallMs = ports.scheduler.wallMs();
    this.startedMs = this.nowMs;
    this.#purgedMs = this.nowMs;
    this.tree = database.tree;
    this.digests = database.digests;
    this.txnBytesMax = config.juteMaxBufferBytes + config.juteMaxBufferExtraSizeBytes;
    this.watches = new WatchManager(config.watchBytesMax, {
      triggered: (eventType, watchers, bytes) => this.meter.watchesTriggered(eventType, watchers, bytes),
    });
    this.quotas = new Quotas(this.tree);
    this.quotas.load();
    const aclBytesMax = Math.floor(config.juteMaxBufferExtraSizeBytes / 2);
    this.access = new Access(authProviders(config, metrics), { ...config, aclBytesMax });
    this.authPolicy = new AuthPolicy(config.enforceAuthEnabled ? config.enforceAuthSchemes : undefined);
    this.sessions = new SessionTracker(config.tickTimeMs, ports.serverId ?? standaloneServerId, this.nowMs);
    for (const [id, timeoutMs] of database.sessions) this.sessions.track(id, timeoutMs, this.nowMs).committed = true;
    this.changes = new OutstandingChanges(this.tree);
    this.log = new TxnLog(ports.disk, logDirectory(config.dataLogDir), config, logger, ports.scheduler);
    const sessionEvents: SessionEvents = {
      sessionCreated: (id, timeoutMs) => this.#sessionCreated(id, timeoutMs),
      sessionClosed: (id) => this.#sessionClosed(id),
    };
    this.applier = new TxnApplier(this.tree, this.watches, this.quotas, sessionEvents, this.meter.writeTraffic);
    this.writePath = new WritePath(this, this.log, this.applier, config, logger, this.meter);
    this.#wireLog();
    this.snapshots = new Snapshots({
      ...ports,
      config,
      tree: this.tree,
      sessions: this.sessions,
      log: this.log,
      logger,
    });
    this.snapshots.replayed(database.recovered?.txnsReplayed ?? 0);
    if (database.recovered !== undefined) this.meter.loaded(database.recovered);
    this.snapshots.onTaken = (durationMs) => this.metrics.snapshottime.add(Math.round(durationMs));
    this.snapshots.onError = () => this.metrics.snapshotErrorCount.add(1);
    this.connectionThrottle = new ConnectionThrottle(config, ports.random, this.nowMs);
    this.#reaper = new Reaper(this);
    this.handshake = new Handshake(this);
    this.intake = new Intake(this);
    this.route = new LocalRoute(this);
    this.view = new CoreView(this);
    this.writePath.start();
  }

  /** Wraps what the log calls into events, and counts what was applied. */
  #wireLog(): void {
    const commit = this.log.onDurable;
    this.log.onDurable = (batch) => {
      this.eventBegins();
      this.batchLogged(batch.count);
      commit(batch);
      this.eventEnds();
    };
    this.log.onTrouble = () => this.metrics.unrecoverableErrorCount.add(1);
    this.writePath.onApplied = ({ zxid, start, end, timeMs }) => this.txnApplied(zxid, end - start, timeMs);
    this.writePath.onDigestMismatch = () => this.metrics.digestMismatchesCount.add(1);
  }

  batchLogged(count: number): void {
    const acks = this.mode === 'leader' || this.mode === 'follower';
    this.meter.batchLogged(count, this.log.gathering.count, this.log.statistics, acks);
  }

  /** `timeMs`: when the txn was made. */
  txnApplied(zxid: number, bytes: number, timeMs: number): void {
    this.meter.propagated(this.wallMs - timeMs);
    this.digests.applied(zxid, this.tree.digest);
    this.snapshots.txnApplied(bytes);
  }

  /** Whether txns are made here, and sessions watched over: standalone, or as the leader. */
  get decides(): boolean {
    return this.mode === 'standalone' || this.mode === 'leader';
  }

  /** A leader may leave clients to the others, to have more time for their writes (`leaderServes`). */
  get takesClients(): boolean {
    return this.serving && (this.mode !== 'leader' || this.config.leaderServes);
  }

  get unknownSessionCode(): number {
    return this.mode === 'standalone' ? ErrorCode.UNKNOWNSESSION : ErrorCode.SESSIONEXPIRED;
  }

  /** From here on clients are served. */
  start(): void {
    this.serving = true;
    this.#standstill = new Standstill(this.ports.scheduler.monotonicMs());
    const intervalMs = Math.min(Math.max(Math.floor(this.config.tickTimeMs / 20), 5), 100);
    this.#stopTicking = this.ports.scheduler.every(intervalMs, () => this.tick());
    this.#reaper.start(intervalMs);
    this.meter.ticksEvery(intervalMs);
  }

  /** Ends the service: connections are closed, what was acknowledged is on disk. */
  stop(): void {
    this.endService();
    this.log.close();
  }

  /** The same, with the log still open for what is on its way to the disk. */
  endService(): void {
    this.serving = false;
    this.#stopTicking();
    this.#reaper.stop();
    this.snapshots.stop();
    for (const connection of [...this.connections]) connection.close('server shutdown');
    this.log.flush();
  }

  // ---- events

  eventBegins(): void {
    this.nowMs = this.ports.scheduler.monotonicMs();
    this.wallMs = this.ports.scheduler.wallMs();
    this.meter.eventMs = this.nowMs;
    this.turns.begin(this.nowMs);
  }

  eventEnds(): void {
    this.#flushConnections();
    if (this.log.gathering.size >= eagerFlushBytes && !this.log.inFlight) this.log.flush();
    if (this.log.gathering.count === 0 || this.#flushScheduled) return;
    this.#flushScheduled = true;
    this.ports.scheduler.nextTurn(this.#flushLog);
  }

  /** The log is written when the turn is over, so that a batch holds what all connections sent in it. */
  readonly #flushLog = (): void => {
    this.#flushScheduled = false;
    this.log.flush();
  };

  #flushConnections(): void {
    while (this.#dirty.length > 0) {
      const dirty = this.#dirty;
      this.#dirty = [];
      for (const connection of dirty) connection.flush();
    }
  }

  markDirty(connection: Connection): void {
    this.#dirty.push(connection);
  }

  /** Everything that happens because time passes. */
  tick(): void {
    this.eventBegins();
    const isPassedOver = this.#standstill.passesOver(this.nowMs);
    if (this.decides && !isPassedOver) {
      this.#expireSessions();
      this.#reaper.tick();
    }
    this.#lookThroughConnections();
    if (this.log.failed !== undefined && this.nowMs - this.#logRetryMs >= logRetryMs) {
      this.#logRetryMs = this.nowMs;
      this.log.retry();
    }
    if (this.nowMs - this.#purgedMs >= this.config.autopurgePurgeIntervalHours * purgeHourMs) {
      this.#purgedMs = this.nowMs;
      this.snapshots.purge();
    }
    this.eventEnds();
  }

  #expireSessions(): void {
    const expired = this.sessions.expire(this.nowMs);
    logExpired(this.logger, expired);
    this.metrics.staleSessionsExpired.add(expired.length);
    for (const { id } of expired) {
      this.connectionBySession.get(id)?.close('session expired');
      this.closeSession(id);
    }
  }

  /** Proposes the end of a session that nobody asked for. */
  closeSession(sessionId: bigint): void {
    this.shrinkSession(sessionId);
    this.writePath.propose(OpCode.closeSession, undefined, sessionId, this.nowMs, this.wallMs);
  }

  /** To be done before the end of a session is proposed. */
  shrinkSession(sessionId: bigint): void {
    deleteSurplusEphemerals(this, sessionId);
  }

  #lookThroughConnections(): void {
    let waiting = 0;
    for (const connection of this.connections) {
      if (connection.lane.length > 0) waiting++;
      if (connection.session !== undefined) continue;
      if (this.nowMs - connection.acceptedMs < this.config.nioSessionlessCnxnTimeoutMs) continue;
      this.metrics.sessionlessConnectionsExpired.add(1);
      connection.close('no session was opened in time');
    }
    this.meter.ticked(waiting);
  }

  // ---- connections

  /** A new connection; undefined when it is not admitted. */
  accept(transport: Transport): TransportHandler | undefined {
    this.eventBegins();
    const refusal = this.#connectionLimits.admit(transport.remoteAddress);
    if (refusal !== undefined) {
      this.metrics.connectionRejected.add(1);
      const { remoteAddress, remotePort } = transport;
      this.logger.warn(`Refusing a connection: ${refusal}`, { client: `${remoteAddress}:${remotePort}` });
      return undefined;
    }
    const connection = new Connection(this, transport);
    this.connections.add(connection);
    return connection;
  }

  connectionClosed(connection: Connection, reason: string): void {
    this.logger.debug(`Connection closed: ${reason}`, connection.logFields());
    this.connections.delete(connection);
    this.#connectionLimits.closed(connection.transport.remoteAddress);
    new Chore(this.turns, this.watches.removal(connection)).takeTurn();
    this.largeRequestBytes -= connection.largeRequestBytes;
    this.outstanding -= connection.lane.deferredCount;
    // their commits will find nobody
    while (connection.forwarded.length > 0) {
      this.metrics.staleReplies.add(1);
      if (connection.forwarded.shift().type !== OpCode.createSession) this.outstanding--;
    }
    if (this.connectionBySession.get(connection.sessionId) === connection) {
      this.connectionBySession.delete(connection.sessionId);
    }
  }

  answerWord(connection: Connection, word: FourLetterWord, argument: Uint8Array): void {
    connection.statistics.packetsReceived++;
    this.statistics.packetsReceived++;
    for (const piece of answerFourLetterWord(word, this.view, argument)) connection.sendRaw(Buffer.from(piece));
    connection.statistics.packetsSent++;
    this.statistics.packetsSent++;
    connection.closeAfterReplies(`four-letter word ${word.name}`);
  }

  /** Sessions of other servers' clients are followed from their commit on. */
  #sessionCreated(id: bigint, timeoutMs: number): void {
    this.sessions.track(id, timeoutMs, this.nowMs).committed = true;
  }

  /** Wherever the client is connected, it is cut off; one that asked for it gets its answer first. */
  #sessionClosed(id: bigint): void {
    this.sessions.remove(id);
    const connection = this.connectionBySession.get(id);
    if (connection !== undefined && !connection.isClosingSession) connection.close('session closed');
  }

  // ---- counting

  quotaExceeded(path: string): void {
    this.meter.quotaExceeded(path);
  }

  sent(connection: Connection, bytes: number): void {
    connection.statistics.packetsSent++;
    this.statistics.packetsSent++;
    // Apache counts without the length in front
    this.statistics.clientResponseSizeBytes.record(bytes - 4);
  }

  answered(connection: Connection, label: string, xid: number, receivedMs: number): void {
    const latencyMs = Math.round(this.nowMs - receivedMs);
    this.statistics.requestLatencyMs.add(latencyMs);
    this.meter.readAnswered(latencyMs);
    connection.statistics.recordResponse(label, xid, this.tree.lastZxid, receivedMs, this.nowMs);
  }

  answeredWrite(connection: Connection, label: string, xid: number, receivedMs: number): void {
    const latencyMs = Math.round(this.nowMs - receivedMs);
    this.statistics.requestLatencyMs.add(latencyMs);
    this.meter.writeAnswered(latencyMs);
    connection.statistics.recordResponse(label, xid, this.tree.lastZxid, receivedMs, this.nowMs);
  }
}
