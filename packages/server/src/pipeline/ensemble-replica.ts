import { type Id, makeZxid, OpCode } from '@nodekeeper/protocol';
import type { ServerConfig } from '../config/server-config.js';
import type { Logger } from '../log/logger.js';
import type { EnsembleConfig } from '../membership/index.js';
import type { Session } from '../session/session-tracker.js';
import {
  canTruncateAfter,
  LogWalk,
  newestSnapshotBytes,
  recordBytesMax,
  SnapshotDecoder,
  SnapshotEncoder,
  truncateAfter,
} from '../storage/index.js';
import { randomHashKey } from '../tree/path-hash.js';
import { CommittedLog } from '../zab/committed-log.js';
import type { ForwardedRequest, SessionTouch } from '../zab/packets.js';
import type { LeaderGate, LeaderLink, Replica } from '../zab/replica.js';
import { fillConfigNode } from './config-node.js';
import { EnsembleMeter } from './ensemble-meter.js';
import { ForwardingRoute } from './forwarding-route.js';
import { LeaderRoute } from './leader-route.js';
import { LearnerPath } from './learner-path.js';
import { type DatabaseContent, DatabaseLoading, loadDatabase } from './load-database.js';
import { SilentRequester } from './requester.js';
import { type CorePorts, ServerCore } from './server-core.js';

const settlePollMs = 2;
/** Apache's for a snapshot that cannot be written. */
const snapshotExitCode = 10;
const divergenceIntervalMs = 60_000;
/** A snapshot costs its learner more than this much of logs: all that it has is read and written anew. */
const smallLogBytes = 4 * 1024 * 1024;

/**
 * The server core in an ensemble. Each term has a core of its own, on the same tree; a snapshot of a leader, or history
 * that is taken back, gives it another tree.
 */
export class EnsembleReplica implements Replica {
  core: ServerCore;
  readonly history: CommittedLog;
  readonly meter: EnsembleMeter;
  readonly #config: ServerConfig;
  #ensemble: EnsembleConfig | null;
  readonly #ports: CorePorts;
  readonly #logger: Logger;
  /** Told when the disk fails: without a log this server must not take part. */
  readonly #failed: (reason: string, exitCode?: number) => void;
  #learnerPath: LearnerPath | undefined;
  #route: ForwardingRoute | undefined;
  #loading: DatabaseLoading | undefined;
  /** The tree came from a leader and is in no file yet. */
  #isSnapshotDue = false;
  #lacksSnapshot = false;
  #clientPort = 0;
  #mustReceiveSnapshot = false;
  #divergedMs = Number.NEGATIVE_INFINITY;
  #cancelSettling: () => void = () => {};
  #awaitedDurable: { readonly zxid: number; readonly done: () => void } | undefined;

  /** Reads the files. Throws as `loadDatabase` does. */
  constructor(
    config: ServerConfig,
    ports: CorePorts,
    logger: Logger,
    failed: (reason: string, exitCode?: number) => void,
  ) {
    this.#config = config;
    this.history = new CommittedLog(config.commitLogCount);
    this.#ensemble = config.ensemble;
    this.#ports = ports;
    this.#logger = logger;
    this.#failed = failed;
    this.meter = new EnsembleMeter(ports.scheduler);
    this.core = this.#newCore(this.#load());
  }

  #load(): DatabaseContent {
    const { disk, random, scheduler } = this.#ports;
    const key = randomHashKey(random);
    this.history.clear();
    const database = loadDatabase(disk, this.#config, key, this.#logger, scheduler, (zxid, bytes, start, end) =>
      this.history.add(zxid, Buffer.from(bytes.subarray(start, end))),
    );
    const { snapshotZxid, lastZxid } = database.recovered;
    this.#lacksSnapshot = snapshotZxid < 0;
    if (this.history.length === 0) this.history.startBehind(lastZxid);
    return this.#withConfigNode(database);
  }

  #withConfigNode<Content extends Pick<DatabaseContent, 'tree'>>(content: Content): Content {
    if (this.#ensemble !== null) fillConfigNode(content.tree, this.#ensemble, this.#ports.scheduler.wallMs());
    return content;
  }

  configured(config: EnsembleConfig): void {
    this.#ensemble = config;
    this.#withConfigNode(this.core);
  }

  /** A first snapshot has to be taken, or the next start would refuse a log without one. */
  get lacksSnapshot(): boolean {
    return this.#lacksSnapshot;
  }

  /** For those who ask for the port. */
  set clientPort(port: number) {
    this.#clientPort = port;
    this.core.view.clientPort = port;
  }

  #newCore(content: DatabaseContent): ServerCore {
    const core = new ServerCore(this.#config, this.#ports, content, this.#logger, this.meter.metrics);
    core.owner = this;
    core.mode = 'follower';
    core.view.clientPort = this.#clientPort;
    const { onTrouble } = core.log;
    core.log.onTrouble = (error) => {
      onTrouble(error);
      this.#failed(`the transaction log cannot be written: ${error.message}`);
    };
    return core;
  }

  event(work: () => void): void {
    this.core.eventBegins();
    work();
    // what came in may have put another core in the place of that one, which had nothing to send
    this.core.eventEnds();
  }

  get lastZxid(): number {
    return this.core.tree.lastZxid;
  }

  get zxidToTell(): number {
    return this.#mustReceiveSnapshot ? 0 : this.lastZxid;
  }

  // ---- as leader

  lead(epoch: number, gate: LeaderGate): void {
    const { core, meter } = this;
    meter.leads();
    core.mode = 'leader';
    core.view.leads(gate, meter.proposalSizes);
    core.route = new LeaderRoute(core, gate);
    core.tree.lastZxid = makeZxid(epoch, 0);
    core.writePath.start(meter.watched(gate));
    const { onApplied } = core.writePath;
    core.writePath.onApplied = (proposal) => {
      // what is applied at the end of a term was not committed in it
      if (core.serving) meter.committed(proposal.kept!, core.wallMs);
      onApplied(proposal);
    };
    // whoever has been silent could not help it while there was no leader
    for (const session of core.sessions.values()) core.sessions.renew(session, session.timeoutMs, core.nowMs);
    core.start();
  }

  request(owner: unknown, { sessionId, cxid, type, body }: ForwardedRequest, ids: readonly Id[]): void {
    const { core } = this;
    if (type === OpCode.createSession) this.#trackNew(sessionId, body, owner);
    if (type === OpCode.closeSession && this.#mayClose(sessionId, owner)) core.shrinkSession(sessionId);
    const requester = new SilentRequester(owner, ids);
    core.writePath.request(requester, sessionId, cxid, type, body, 0, body.length, core.nowMs, core.wallMs);
  }

  #mayClose(sessionId: bigint, owner: unknown): boolean {
    const at = this.core.sessions.get(sessionId)?.owner;
    return at === undefined || at === owner;
  }

  #trackNew(sessionId: bigint, body: Buffer, owner: unknown): void {
    const { core } = this;
    const session = core.sessions.track(sessionId, body.length >= 4 ? body.readInt32BE(0) : 0, core.nowMs);
    session.owner = owner;
  }

  commitThrough(zxid: number): void {
    this.core.writePath.commitThrough(zxid);
  }

  touch({ sessionId, timeoutMs }: SessionTouch): void {
    const session = this.core.sessions.get(sessionId);
    if (session !== undefined && !session.closing) this.#renew(session, timeoutMs);
  }

  revalidate({ sessionId, timeoutMs }: SessionTouch, owner: unknown): boolean {
    this.meter.metrics.revalidateCount.add(1);
    const session = this.core.sessions.get(sessionId);
    if (session === undefined || session.closing) return false;
    session.owner = owner;
    // a client that was connected here has left
    this.core.connectionBySession.get(sessionId)?.close('session moved');
    this.#renew(session, timeoutMs);
    return true;
  }

  #renew(session: Session, timeoutMs: number): void {
    const nowMs = this.#ports.scheduler.monotonicMs();
    if (session.timeoutMs === timeoutMs) session.touchedMs = nowMs;
    else this.core.sessions.renew(session, timeoutMs, nowMs);
  }

  snapshot(): { zxid: number; encoder: SnapshotEncoder } {
    return { zxid: this.lastZxid, encoder: new SnapshotEncoder(this.core.snapshots.source()) };
  }

  loggedFrom(zxid: number): { walk: LogWalk; bytesMax: number } | undefined {
    const { disk } = this.#ports;
    const { snapshotSizeFactor, dataDir } = this.#config;
    if (snapshotSizeFactor < 0) return undefined;
    const bytesMax = Math.max(smallLogBytes, newestSnapshotBytes(disk, dataDir) * snapshotSizeFactor);
    const walk = LogWalk.from(disk, this.#config, zxid);
    return walk && { walk, bytesMax };
  }

  // ---- as learner

  learn(link: LeaderLink): void {
    const { core, meter } = this;
    meter.syncBegins();
    core.view.learnsFrom(link.leaderId);
    const path = new LearnerPath(
      core,
      (zxid, bytes) => {
        this.history.add(zxid, bytes);
        if (core.serving) meter.commitReceived(bytes, core.wallMs);
      },
      (zxid) => this.#diverged(link, zxid),
    );
    if (this.#isSnapshotDue) path.holdLog();
    this.#learnerPath = path;
    this.#route = new ForwardingRoute(core, link, path);
    core.route = this.#route;
    core.log.onDurable = (batch) => {
      core.batchLogged(batch.count);
      link.logged(batch.lastZxid);
      this.#answerDurable(batch.lastZxid);
    };
  }

  /** Where even a fresh snapshot does not help, one a minute is enough. */
  #diverged(link: LeaderLink, zxid: number): void {
    const nowMs = this.#ports.scheduler.monotonicMs();
    if (nowMs - this.#divergedMs < divergenceIntervalMs) return;
    this.#divergedMs = nowMs;
    this.#mustReceiveSnapshot = true;
    // not in the middle of the commit that showed it
    this.#ports.scheduler.nextTurn(() => link.diverged(zxid));
  }

  truncate(zxid: number): boolean {
    this.meter.syncBegins();
    const { disk } = this.#ports;
    const isPossible = canTruncateAfter(disk, this.#config, zxid);
    this.#mustReceiveSnapshot = !isPossible;
    if (!isPossible) return false;
    this.#replaceCore(() => {
      truncateAfter(disk, this.#config, zxid, this.#logger);
      return this.#load();
    });
    return true;
  }

  receiveSnapshot(): SnapshotDecoder {
    this.meter.syncBegins();
    this.#loading = new DatabaseLoading(this.#config, randomHashKey(this.#ports.random), this.#logger);
    return new SnapshotDecoder(this.#loading, recordBytesMax(this.#config));
  }

  finishSnapshot(zxid: number): void {
    const loading = this.#loading!;
    this.#loading = undefined;
    this.#isSnapshotDue = true;
    this.history.startBehind(zxid);
    this.#replaceCore(() => this.#withConfigNode(loading.finishAt(zxid)));
  }

  /** The old core holds nothing that is not applied: it was not part of a term yet. */
  #replaceCore(content: () => DatabaseContent): void {
    this.core.stop();
    this.core = this.#newCore(content());
  }

  append(zxid: number, bytes: Buffer): void {
    const { core } = this;
    // an observer is told of what is committed already
    if (core.serving && core.mode === 'follower') this.meter.proposalReceived(bytes, core.wallMs);
    this.#learnerPath!.append(zxid, bytes);
  }

  commit(zxid: number): void {
    this.#learnerPath!.commit(zxid);
  }

  makeDurable(done: () => void): void {
    if (this.#isSnapshotDue) this.#takeSnapshot(done);
    else this.#whenLogged(done);
  }

  /**
   * First the snapshot, then away with what it replaces, then the log that goes on from it. What is committed while it is
   * written may be in it or not, so all of that is logged as well.
   */
  #takeSnapshot(done: () => void): void {
    const { core } = this;
    const snapshotZxid = core.tree.lastZxid;
    core.snapshots.take((error) => {
      if (this.core !== core || this.#learnerPath === undefined) return;
      if (error !== undefined) {
        this.#failed(`the snapshot of the leader cannot be written: ${error.message}`, snapshotExitCode);
        return;
      }
      truncateAfter(this.#ports.disk, this.#config, snapshotZxid, this.#logger);
      this.#isSnapshotDue = false;
      this.#mustReceiveSnapshot = false;
      this.#learnerPath.logAfter(snapshotZxid);
      this.#whenLogged(done);
    });
  }

  #whenLogged(done: () => void): void {
    const { log } = this.core;
    const zxid = this.#learnerPath!.loggingZxid;
    if (!log.inFlight && log.gathering.count === 0) {
      done();
      return;
    }
    this.#awaitedDurable = { zxid, done };
    log.flush();
  }

  #answerDurable(zxid: number): void {
    const awaited = this.#awaitedDurable;
    if (awaited === undefined || zxid < awaited.zxid) return;
    this.#awaitedDurable = undefined;
    awaited.done();
  }

  /** When nothing is on its way to the disk. */
  #whenSettled(done: () => void): void {
    const { log, snapshots } = this.core;
    const isSettled = () => !log.inFlight && log.gathering.count === 0 && !snapshots.isEnding;
    if (isSettled()) {
      done();
      return;
    }
    this.#cancelSettling();
    this.#cancelSettling = this.#ports.scheduler.every(settlePollMs, () => {
      if (!isSettled()) return;
      this.#cancelSettling();
      done();
    });
  }

  serve(mode: 'follower' | 'observer'): void {
    this.core.mode = mode;
    this.meter.serves(mode);
    this.core.start();
  }

  revalidated(sessionId: bigint, isValid: boolean): void {
    this.#route!.revalidated(sessionId, isValid);
  }

  synced(): void {
    this.#route!.synced();
  }

  takeTouches(): SessionTouch[] {
    return this.#route!.takeTouches();
  }

  // ---- the end of a term

  endTerm(done: () => void): void {
    const { core } = this;
    this.meter.termEnds();
    core.endService();
    this.#whenSettled(() => {
      if (this.core !== core) return;
      this.core = this.#newCore(this.#isSnapshotDue ? this.#backToDisk() : this.#applyLogged());
      core.log.close();
      this.#learnerPath = undefined;
      this.#route = undefined;
      this.#awaitedDurable = undefined;
      done();
    });
  }

  /** A snapshot of a leader that never got to disk is no history of this server (R-12 ZK-3642). */
  #backToDisk(): DatabaseContent {
    this.#isSnapshotDue = false;
    return this.#load();
  }

  /** What is logged is applied, committed or not: it is what this server will vote with (R-1 ZK-2845). */
  #applyLogged(): DatabaseContent {
    const { core } = this;
    const { writePath, tree, digests } = core;
    this.#learnerPath?.applyAll();
    const { onApplied } = writePath;
    writePath.onApplied = (proposal) => {
      onApplied(proposal);
      this.history.add(proposal.zxid, proposal.kept!);
    };
    writePath.commitThrough(Number.MAX_SAFE_INTEGER);
    const sessions = new Map<bigint, number>();
    for (const { id, timeoutMs, committed } of core.sessions.values()) if (committed) sessions.set(id, timeoutMs);
    return { tree, digests, sessions };
  }

  stop(): void {
    this.#cancelSettling();
    this.core.stop();
  }
}
