import { type Id, makeZxid } from '@nodekeeper/protocol';
import type { ServerConfig } from '../config/server-config.js';
import { fillConfigNode } from '../database/config-node.js';
import type { Database } from '../database/database.js';
import { type DatabaseContent, DatabaseLoading } from '../database/load-database.js';
import type { Logger } from '../log/logger.js';
import type { EnsembleConfig } from '../membership/index.js';
import { EnsembleMeter } from '../meters/ensemble-meter.js';
import { Leading } from '../roles/leading.js';
import { Learning } from '../roles/learning.js';
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
import { ServerParts } from './server-parts.js';
import type { ServerPorts } from './server-ports.js';

/** Apache's for a snapshot that cannot be written. */
const snapshotExitCode = 10;
const divergenceIntervalMs = 60_000;
/** A snapshot costs its learner more than this much of logs: all that it has is read and written anew. */
const smallLogBytes = 4 * 1024 * 1024;

/** A server's database, clients and role, as ZAB moves them from term to term. */
export class EnsembleReplica implements Replica {
  readonly parts: ServerParts;
  readonly history: CommittedLog;
  readonly meter: EnsembleMeter;
  readonly #config: ServerConfig;
  readonly #serverId: number;
  readonly #ports: ServerPorts;
  readonly #logger: Logger;
  /** Called when the disk fails: without a log this server must not take part. */
  readonly #failed: (reason: string, exitCode?: number) => void;
  #ensemble: EnsembleConfig;
  #leading: Leading | undefined;
  #learning: Learning | undefined;
  #loading: DatabaseLoading | undefined;
  /** The tree came from a leader and is in no file yet. */
  #isSnapshotDue = false;
  #lacksSnapshot = false;
  #mustReceiveSnapshot = false;
  #divergedMs = Number.NEGATIVE_INFINITY;
  #cancelSettling: () => void = () => {};

  /** Reads the files. Throws as `loadDatabase` does. */
  constructor(
    config: ServerConfig,
    ensemble: EnsembleConfig,
    ports: ServerPorts,
    logger: Logger,
    failed: (reason: string, exitCode?: number) => void,
  ) {
    this.#config = config;
    this.#ensemble = ensemble;
    this.#serverId = config.myId!;
    this.#ports = ports;
    this.#logger = logger;
    this.#failed = failed;
    this.history = new CommittedLog(config.commitLogCount);
    this.meter = new EnsembleMeter(ports.scheduler);
    this.parts = new ServerParts({
      config,
      ports,
      logger,
      serverId: this.#serverId,
      owner: this,
      metrics: this.meter.metrics,
      idleMode: 'follower',
      logFailed: (error) => failed(`the transaction log cannot be written: ${error.message}`),
    });
    const startMs = ports.scheduler.monotonicMs();
    this.parts.replaceDatabase(this.#load());
    this.meter.metrics.dbinittime.add(Math.round(ports.scheduler.monotonicMs() - startMs));
  }

  get database(): Database {
    return this.parts.database;
  }

  #load(): DatabaseContent {
    this.history.clear();
    const database = this.parts.load((zxid, bytes, start, end) =>
      this.history.add(zxid, Buffer.from(bytes.subarray(start, end))),
    );
    const { snapshotZxid, lastZxid } = database.recovered;
    this.#lacksSnapshot = snapshotZxid < 0;
    if (this.history.length === 0) this.history.startBehind(lastZxid);
    return this.#withConfigNode(database);
  }

  #withConfigNode<Content extends Pick<DatabaseContent, 'tree'>>(content: Content): Content {
    fillConfigNode(content.tree, this.#ensemble, this.#ports.scheduler.wallMs());
    return content;
  }

  configured(config: EnsembleConfig): void {
    this.#ensemble = config;
    this.#withConfigNode(this.database);
  }

  /** A first snapshot has to be taken, or the next start would refuse a log without one. */
  get lacksSnapshot(): boolean {
    return this.#lacksSnapshot;
  }

  event(work: () => void): void {
    const { events } = this.parts;
    events.begin();
    work();
    events.end();
  }

  get lastZxid(): number {
    return this.database.tree.lastZxid;
  }

  get zxidToTell(): number {
    return this.#mustReceiveSnapshot ? 0 : this.lastZxid;
  }

  // ---- as leader

  lead(epoch: number, gate: LeaderGate): void {
    const { meter, parts } = this;
    meter.leads();
    parts.view.leads(gate, meter.proposalSizes);
    this.database.tree.lastZxid = makeZxid(epoch, 0);
    this.#leading = new Leading(parts.roleParts(), gate, meter.watched(gate), ({ zxid, kept }) => {
      if (parts.clients.isServing) meter.committed(kept!, parts.events.wallMs);
      // what is applied at the end of a term was not committed in it
      else this.history.add(zxid, kept!);
    });
    parts.serve(this.#leading);
  }

  request(owner: object, request: ForwardedRequest, ids: readonly Id[]): void {
    this.#leading!.forwarded(owner, request, ids);
  }

  commitThrough(zxid: number): void {
    this.#leading!.commitThrough(zxid);
  }

  touch(touch: SessionTouch): void {
    this.#leading!.touch(touch);
  }

  revalidate(touch: SessionTouch, owner: object, answer: (isValid: boolean) => void): void {
    this.meter.metrics.revalidateCount.add(1);
    this.#leading!.revalidate(touch, owner, answer);
  }

  snapshot(): { zxid: number; encoder: SnapshotEncoder } {
    return { zxid: this.lastZxid, encoder: new SnapshotEncoder(this.database.snapshots.source()) };
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
    const { parts, meter } = this;
    meter.syncBegins();
    parts.view.learnsFrom(link.leaderId);
    const learning = new Learning(parts.roleParts(), this.#serverId, link, {
      applied: (zxid, bytes) => {
        this.history.add(zxid, bytes);
        if (parts.clients.isServing) meter.commitReceived(bytes, parts.events.wallMs);
      },
      diverged: (zxid) => this.#diverged(link, zxid),
    });
    if (this.#isSnapshotDue) learning.path.holdLog();
    this.#learning = learning;
    parts.role = learning;
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
    this.#replaceDatabase(() => {
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
    this.#replaceDatabase(() => this.#withConfigNode(loading.finishAt(zxid)));
  }

  /** The old one holds nothing that is not applied: it was not part of a term yet. */
  #replaceDatabase(content: () => DatabaseContent): void {
    this.database.close();
    this.parts.replaceDatabase(content());
  }

  append(zxid: number, bytes: Buffer): void {
    const { clients, events } = this.parts;
    const learning = this.#learning!;
    // an observer is told of what is committed already
    if (clients.isServing && learning.mode === 'follower') this.meter.proposalReceived(bytes, events.wallMs);
    learning.path.append(zxid, bytes);
  }

  commit(zxid: number): void {
    this.#learning!.path.commit(zxid);
  }

  makeDurable(done: () => void): void {
    if (this.#isSnapshotDue) this.#takeSnapshot(done);
    else this.#learning!.whenLogged(done);
  }

  /**
   * First the snapshot, then away with what it replaces, then the log that goes on from it. What is committed while it is
   * written may be in it or not, so all of that is logged as well.
   */
  #takeSnapshot(done: () => void): void {
    const { database } = this;
    const learning = this.#learning;
    const snapshotZxid = database.tree.lastZxid;
    database.snapshots.take((error) => {
      if (this.database !== database || learning === undefined || this.#learning !== learning) return;
      if (error !== undefined) {
        this.#failed(`the snapshot of the leader cannot be written: ${error.message}`, snapshotExitCode);
        return;
      }
      truncateAfter(this.#ports.disk, this.#config, snapshotZxid, this.#logger);
      this.#isSnapshotDue = false;
      this.#mustReceiveSnapshot = false;
      learning.path.logAfter(snapshotZxid);
      learning.whenLogged(done);
    });
  }

  serve(mode: 'follower' | 'observer'): void {
    const learning = this.#learning!;
    learning.mode = mode;
    this.meter.serves(mode);
    this.parts.serve(learning);
  }

  revalidated(sessionId: bigint, isValid: boolean): void {
    this.#learning!.revalidated(sessionId, isValid);
  }

  synced(): void {
    this.#learning!.synced();
  }

  takeTouches(): SessionTouch[] {
    return this.#learning!.takeTouches();
  }

  // ---- the end of a term

  endTerm(done: () => void): void {
    const { database, parts } = this;
    this.#cancelSettling();
    this.meter.termEnds();
    parts.endService();
    this.#cancelSettling = database.whenSettled(() => {
      if (this.database !== database) return;
      if (this.#isSnapshotDue) this.#backToDisk();
      else this.#applyLogged();
      this.#leading = undefined;
      this.#learning = undefined;
      parts.startOver();
      done();
    });
  }

  /** A snapshot of a leader that never got to disk is no history of this server (R-12 ZK-3642). */
  #backToDisk(): void {
    this.#isSnapshotDue = false;
    this.#replaceDatabase(() => this.#load());
  }

  /** What is logged is applied, committed or not: it is what this server will vote with (R-1 ZK-2845). */
  #applyLogged(): void {
    this.#learning?.applyLogged();
    this.#leading?.applyLogged();
  }

  stop(stopped: () => void): void {
    this.#cancelSettling();
    this.parts.close(stopped);
  }
}
