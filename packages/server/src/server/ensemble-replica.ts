import { type Id, makeZxid } from '@nodekeeper/protocol';
import type { ServerConfig } from '../config/server-config.js';
import type { Database } from '../database/database.js';
import type { Logger } from '../log/logger.js';
import type { EnsembleConfig } from '../membership/index.js';
import { EnsembleMeter } from '../meters/ensemble-meter.js';
import { Leading } from '../roles/leading.js';
import { Learning } from '../roles/learning.js';
import type { LogWalk, SnapshotDecoder, SnapshotEncoder } from '../storage/index.js';
import type { CommittedLog } from '../zab/committed-log.js';
import type { ForwardedRequest, SessionTouch } from '../zab/packets.js';
import type { LeaderGate, LeaderLink, Replica } from '../zab/replica.js';
import { OwnHistory } from './own-history.js';
import { ServerParts } from './server-parts.js';
import type { ServerPorts } from './server-ports.js';

const divergenceIntervalMs = 60_000;

/**
 * The database, the clients and the role of a server in an ensemble. ZAB calls this class in every term. The class
 * lives as long as the server, but its role changes with each term.
 */
export class EnsembleReplica implements Replica {
  readonly parts: ServerParts;
  readonly meter: EnsembleMeter;
  readonly #ownHistory: OwnHistory;
  readonly #serverId: number;
  readonly #ports: ServerPorts;
  #leading: Leading | undefined;
  #learning: Learning | undefined;
  #divergedMs = Number.NEGATIVE_INFINITY;
  #cancelSettling: () => void = () => {};

  /** Loads the database from the files. Throws the errors of `loadDatabase`. */
  constructor(
    config: ServerConfig,
    ensemble: EnsembleConfig,
    ports: ServerPorts,
    logger: Logger,
    failed: (reason: string, exitCode?: number) => void,
  ) {
    this.#serverId = config.myId!;
    this.#ports = ports;
    this.meter = new EnsembleMeter(ports.scheduler);
    this.parts = new ServerParts({
      config,
      ports,
      logger,
      serverId: this.#serverId,
      owner: this,
      metrics: this.meter.metrics,
      idleMode: 'follower',
      // a server that cannot write its log must not take part in the ensemble
      logFailed: (error) => failed(`the transaction log cannot be written: ${error.message}`),
    });
    const startMs = ports.scheduler.monotonicMs();
    this.#ownHistory = new OwnHistory(this.parts, ensemble, failed);
    this.meter.metrics.dbinittime.add(Math.round(ports.scheduler.monotonicMs() - startMs));
  }

  get database(): Database {
    return this.parts.database;
  }

  get history(): CommittedLog {
    return this.#ownHistory.committed;
  }

  get lacksSnapshot(): boolean {
    return this.#ownHistory.lacksSnapshot;
  }

  configured(config: EnsembleConfig): void {
    this.#ownHistory.configured(config);
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
    return this.#ownHistory.mustReceiveSnapshot ? 0 : this.lastZxid;
  }

  // ---- as leader

  lead(epoch: number, gate: LeaderGate): void {
    const { meter, parts } = this;
    meter.leads();
    parts.view.leads(gate, meter.proposalSizes);
    this.database.tree.lastZxid = makeZxid(epoch, 0);
    this.#leading = new Leading(parts.roleParts(), gate, meter.watched(gate), ({ zxid, kept }) => {
      if (parts.clients.isServing) meter.committed(kept!, parts.events.wallMs);
      // While clients are served, `Broadcast` adds each committed proposal to the history. At the end of a term, the
      // uncommitted proposals are applied too, and this callback adds them.
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
    return this.#ownHistory.snapshot();
  }

  loggedFrom(zxid: number): { walk: LogWalk; bytesMax: number } | undefined {
    return this.#ownHistory.loggedFrom(zxid);
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
    if (this.#ownHistory.isUnsaved) learning.path.holdLog();
    this.#learning = learning;
    parts.role = learning;
  }

  /**
   * Asks the leader for a snapshot because the trees differ. Asks at most once a minute, because a new snapshot may not
   * remove the difference.
   */
  #diverged(link: LeaderLink, zxid: number): void {
    const nowMs = this.#ports.scheduler.monotonicMs();
    if (nowMs - this.#divergedMs < divergenceIntervalMs) return;
    this.#divergedMs = nowMs;
    this.#ownHistory.requireSnapshot();
    // the connection is closed only after the present commit is handled completely
    this.#ports.scheduler.nextTurn(() => link.diverged(zxid));
  }

  truncate(zxid: number): boolean {
    this.meter.syncBegins();
    return this.#ownHistory.truncate(zxid);
  }

  receiveSnapshot(): SnapshotDecoder {
    this.meter.syncBegins();
    return this.#ownHistory.receiveSnapshot();
  }

  finishSnapshot(zxid: number): void {
    this.#ownHistory.finishSnapshot(zxid);
  }

  append(zxid: number, bytes: Buffer): void {
    const { clients, events } = this.parts;
    const learning = this.#learning!;
    // an observer receives only transactions that are already committed, so it receives no proposals to count
    if (clients.isServing && learning.mode === 'follower') this.meter.proposalReceived(bytes, events.wallMs);
    learning.path.append(zxid, bytes);
  }

  commit(zxid: number): void {
    this.#learning!.path.commit(zxid);
  }

  makeDurable(done: () => void): void {
    const learning = this.#learning!;
    if (!this.#ownHistory.isUnsaved) {
      learning.whenLogged(done);
      return;
    }
    this.#ownHistory.save(
      () => this.#learning === learning,
      (zxid) => {
        learning.path.logAfter(zxid);
        learning.whenLogged(done);
      },
    );
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
      if (this.#ownHistory.isUnsaved) this.#ownHistory.dropUnsaved();
      else this.#applyLogged();
      this.#leading = undefined;
      this.#learning = undefined;
      parts.startOver();
      done();
    });
  }

  /**
   * Applies all logged transactions, committed or not, because the zxid in this server's next vote includes them (R-1
   * ZK-2845).
   */
  #applyLogged(): void {
    this.#learning?.applyLogged();
    this.#leading?.applyLogged();
  }

  stop(stopped: () => void): void {
    this.#cancelSettling();
    this.parts.close(stopped);
  }
}
