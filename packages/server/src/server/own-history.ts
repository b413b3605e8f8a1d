import { fillConfigNode } from '../database/config-node.js';
import type { Database } from '../database/database.js';
import { type DatabaseContent, DatabaseLoading } from '../database/load-database.js';
import type { EnsembleConfig } from '../membership/index.js';
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
import type { ServerParts } from './server-parts.js';

/** The exit code that ZooKeeper uses if it cannot write a snapshot. */
const snapshotExitCode = 10;
/**
 * A learner that lacks at most this number of log bytes gets them from the logs. A snapshot would cost more, because it
 * replaces all of the learner's data.
 */
const smallLogBytes = 4 * 1024 * 1024;

/**
 * The history of a server in an ensemble: its files and its tree. A leader reads its own history for its learners. A
 * learner truncates its history, or replaces it by a snapshot from the leader, until the history equals the leader's.
 */
export class OwnHistory {
  /** The newest committed transactions, kept in memory. */
  readonly committed: CommittedLog;
  readonly #parts: ServerParts;
  readonly #failed: (reason: string, exitCode?: number) => void;
  #ensemble: EnsembleConfig;
  #loading: DatabaseLoading | undefined;
  #isUnsaved = false;
  #lacksSnapshot = false;
  #mustReceiveSnapshot = false;

  /** Loads the database from the files. Throws the errors of `loadDatabase`. */
  constructor(parts: ServerParts, ensemble: EnsembleConfig, failed: (reason: string, exitCode?: number) => void) {
    this.#parts = parts;
    this.#ensemble = ensemble;
    this.#failed = failed;
    this.committed = new CommittedLog(parts.config.commitLogCount);
    parts.replaceDatabase(this.#load());
  }

  get #database(): Database {
    return this.#parts.database;
  }

  #load(): DatabaseContent {
    this.committed.clear();
    const database = this.#parts.load((zxid, bytes, start, end) =>
      this.committed.add(zxid, Buffer.from(bytes.subarray(start, end))),
    );
    const { snapshotZxid, lastZxid } = database.recovered;
    this.#lacksSnapshot = snapshotZxid < 0;
    if (this.committed.length === 0) this.committed.startBehind(lastZxid);
    return this.#withConfigNode(database);
  }

  #withConfigNode<Content extends Pick<DatabaseContent, 'tree'>>(content: Content): Content {
    fillConfigNode(content.tree, this.#ensemble, this.#parts.ports.scheduler.wallMs());
    return content;
  }

  /** Called when a new configuration of the ensemble has become active. */
  configured(config: EnsembleConfig): void {
    this.#ensemble = config;
    this.#withConfigNode(this.#database);
  }

  /**
   * Closes the present database, and uses a new one instead. Every transaction in the present database's log is already
   * applied. Each term applies its logged transactions when it ends, and the present term has logged none yet.
   */
  #replaceDatabase(content: () => DatabaseContent): void {
    this.#database.close();
    this.#parts.replaceDatabase(content());
  }

  /**
   * True if the server must take a first snapshot. Without a snapshot, the server would refuse to read its log at the
   * next start.
   */
  get lacksSnapshot(): boolean {
    return this.#lacksSnapshot;
  }

  // ---- for learners of this server

  snapshot(): { zxid: number; encoder: SnapshotEncoder } {
    const { tree, snapshots } = this.#database;
    return { zxid: tree.lastZxid, encoder: new SnapshotEncoder(snapshots.source()) };
  }

  loggedFrom(zxid: number): { walk: LogWalk; bytesMax: number } | undefined {
    const { config, ports } = this.#parts;
    const { snapshotSizeFactor, dataDir } = config;
    if (snapshotSizeFactor < 0) return undefined;
    const bytesMax = Math.max(smallLogBytes, newestSnapshotBytes(ports.disk, dataDir) * snapshotSizeFactor);
    const walk = LogWalk.from(ports.disk, config, zxid);
    return walk && { walk, bytesMax };
  }

  // ---- synchronisation with a leader

  get mustReceiveSnapshot(): boolean {
    return this.#mustReceiveSnapshot;
  }

  /** From now on, the server needs a snapshot, because its tree differs from the leader's at the same zxid. */
  requireSnapshot(): void {
    this.#mustReceiveSnapshot = true;
  }

  /**
   * Removes all transactions after this zxid. Returns false and changes nothing if the files do not hold the history up
   * to this zxid.
   */
  truncate(zxid: number): boolean {
    const { ports, config, logger } = this.#parts;
    const isPossible = canTruncateAfter(ports.disk, config, zxid);
    this.#mustReceiveSnapshot = !isPossible;
    if (!isPossible) return false;
    this.#replaceDatabase(() => {
      truncateAfter(ports.disk, config, zxid, logger);
      return this.#load();
    });
    return true;
  }

  receiveSnapshot(): SnapshotDecoder {
    const { config, ports, logger } = this.#parts;
    this.#loading = new DatabaseLoading(config, randomHashKey(ports.random), logger);
    return new SnapshotDecoder(this.#loading, recordBytesMax(config));
  }

  finishSnapshot(zxid: number): void {
    const loading = this.#loading!;
    this.#loading = undefined;
    this.#isUnsaved = true;
    this.committed.startBehind(zxid);
    this.#replaceDatabase(() => this.#withConfigNode(loading.finishAt(zxid)));
  }

  /** True if the tree is a snapshot from a leader that is not written to a file yet. */
  get isUnsaved(): boolean {
    return this.#isUnsaved;
  }

  /**
   * Writes the tree as a snapshot, and then removes the files that the snapshot replaces. The log continues after the
   * zxid that is passed to `saved`. Transactions that are committed while the snapshot is written are logged too, even
   * if the snapshot contains them.
   */
  save(isWanted: () => boolean, saved: (zxid: number) => void): void {
    const database = this.#database;
    const { lastZxid } = database.tree;
    database.snapshots.take((error) => {
      if (this.#database !== database || !isWanted()) return;
      if (error !== undefined) {
        this.#failed(`the snapshot of the leader cannot be written: ${error.message}`, snapshotExitCode);
        return;
      }
      const { ports, config, logger } = this.#parts;
      truncateAfter(ports.disk, config, lastZxid, logger);
      this.#isUnsaved = false;
      this.#mustReceiveSnapshot = false;
      saved(lastZxid);
    });
  }

  /**
   * Drops the received snapshot, and loads the database from the files again. A snapshot that was not saved is not part
   * of this server's history (R-12 ZK-3642).
   */
  dropUnsaved(): void {
    this.#isUnsaved = false;
    this.#replaceDatabase(() => this.#load());
  }
}
