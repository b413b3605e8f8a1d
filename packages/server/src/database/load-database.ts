import { type ACL, txnZxid, Writer } from '@nodekeeper/protocol';
import type { ServerConfig } from '../config/server-config.js';
import type { Logger } from '../log/logger.js';
import type { Clock } from '../ports/clock.js';
import type { Disk } from '../ports/disk.js';
import { type Recovered, type RecoverySink, recordBytesMax, recover } from '../storage/index.js';
import { TxnApplier } from '../tree/apply-txn.js';
import { DataTree } from '../tree/data-tree.js';
import { loadStat } from '../tree/node-encoding.js';
import { Field, noNode } from '../tree/node-table.js';
import type { HashKey } from '../tree/path-hash.js';
import { Quotas } from '../tree/quotas.js';
import { addSystemNodes } from '../tree/system-nodes.js';
import { WatchManager } from '../watch/watch-manager.js';
import { DigestLog } from './digest-log.js';
import { ReplayDigests } from './replay-digests.js';

/** The content of a database in memory. It was read from the files or from a leader's snapshot. */
export interface DatabaseContent {
  readonly tree: DataTree;
  /** The open sessions: timeout in ms, by session id. */
  readonly sessions: ReadonlyMap<bigint, number>;
  readonly digests: DigestLog;
  /** The result of the recovery; undefined if the content does not come from files. */
  readonly recovered?: Recovered;
}

export interface LoadedDatabase extends DatabaseContent {
  readonly recovered: Recovered;
}

/** Called with each replayed transaction, `bytes[start, end)`. The bytes are valid only during the call. */
export type ReplayListener = (zxid: number, bytes: Buffer, start: number, end: number) => void;

/**
 * Reads the newest valid snapshot and the logs after it (spec 3.5). Throws `RecoveryError` if the result may be wrong.
 */
export function loadDatabase(
  disk: Disk,
  config: ServerConfig,
  hashKey: HashKey,
  logger: Logger,
  clock: Pick<Clock, 'monotonicMs'>,
  replayed: ReplayListener = () => {},
): LoadedDatabase {
  const loading = new DatabaseLoading(config, hashKey, logger, replayed);
  const recovered = recover(
    disk,
    {
      dataDir: config.dataDir,
      dataLogDir: config.dataLogDir,
      trustEmpty: config.snapshotTrustEmpty,
      dbAutocreate: config.dbAutocreate,
      recordBytesMax: recordBytesMax(config),
      clock,
    },
    loading,
    logger,
  );
  loading.finish(recovered);
  return { tree: loading.tree, sessions: loading.sessions, digests: loading.digests, recovered };
}

/** Builds the content of a database from a snapshot and logs, or from a leader's snapshot. */
export class DatabaseLoading implements RecoverySink {
  tree!: DataTree;
  sessions!: Map<bigint, number>;
  digests!: DigestLog;
  #applier!: TxnApplier;
  #checks!: ReplayDigests;
  readonly #body = new Writer(256);
  readonly #config: ServerConfig;
  readonly #hashKey: HashKey;
  readonly #logger: Logger;
  readonly #replayed: ReplayListener;

  constructor(config: ServerConfig, hashKey: HashKey, logger: Logger, replayed: ReplayListener = () => {}) {
    this.#replayed = replayed;
    this.#config = config;
    this.#hashKey = hashKey;
    this.#logger = logger;
    this.reset();
  }

  reset(): void {
    const { digestEnabled, extendedTypesEnabled, emulate353TtlNodes } = this.#config;
    this.tree = new DataTree({ digestEnabled, extendedTypesEnabled, emulate353TtlNodes, hashKey: this.#hashKey });
    const sessions = new Map<bigint, number>();
    this.sessions = sessions;
    this.digests = new DigestLog();
    this.#checks = new ReplayDigests(digestEnabled, this.#logger);
    this.#applier = new TxnApplier(this.tree, new WatchManager(0), new Quotas(this.tree), {
      sessionCreated: (id, timeoutMs) => sessions.set(id, timeoutMs),
      sessionClosed: (id) => sessions.delete(id),
    });
  }

  reading(path: string): void {
    this.#checks.reading(path);
  }

  session(id: bigint, timeoutMs: number): void {
    this.sessions.set(id, timeoutMs);
  }

  acl(key: number, acl: ACL[]): void {
    this.tree.acls.load(key, acl);
  }

  node(
    bytes: Buffer,
    pathStart: number,
    pathEnd: number,
    dataStart: number,
    dataEnd: number,
    aclKey: number,
    statStart: number,
  ): void {
    const { tree } = this;
    const isRoot = pathEnd === pathStart;
    let node = tree.root;
    if (isRoot) {
      tree.replaceData(node, bytes, Math.max(0, dataStart), dataStart < 0 ? -1 : dataEnd);
      tree.nodes.set(node, Field.acl, aclKey);
    } else {
      if (!isWellFormed(bytes, pathStart, pathEnd)) {
        throw new Error(`the snapshot holds "${shown(bytes, pathStart, pathEnd)}", which is not a valid path`);
      }
      const parent = tree.findParent(bytes, pathStart, pathEnd);
      if (parent === noNode) {
        throw new Error(`the snapshot holds ${shown(bytes, pathStart, pathEnd)} before its parent, or without it`);
      }
      const end = dataStart < 0 ? -1 : dataEnd;
      node = tree.insert(parent, bytes, pathStart, pathEnd, bytes, Math.max(0, dataStart), end, aclKey);
    }
    tree.acls.retain(aclKey);
    loadStat(tree, node, bytes, statStart);
    if (isRoot) tree.nodeDigests.dataChanged(node);
    else tree.nodeDigests.add(node);
    if (tree.hasOwner(node)) tree.owned.add(tree.pathOf(node), tree.ownerOf(node));
  }

  digest(zxid: number, version: number, digest: bigint): void {
    this.#checks.ofSnapshot(zxid, version, digest);
  }

  txn(bytes: Buffer, start: number, end: number): void {
    const zxid = txnZxid(bytes, start);
    this.#reached(zxid - 1);
    this.#body.reset();
    this.#applier.apply(bytes, start, end, this.#body);
    if (!this.#checks.isFuzzy) {
      const { digestStart } = this.#applier;
      const { digest } = this.tree;
      if (digestStart !== undefined) this.#checks.ofTxn(zxid, bytes, digestStart, digest);
      this.digests.applied(zxid, digest);
    }
    this.#replayed(zxid, bytes, start, end);
  }

  #reached(zxid: number): void {
    this.#checks.reached(zxid, this.tree.digest);
  }

  finish(recovered: Recovered): void {
    if (recovered.lastZxid > this.tree.lastZxid) this.tree.lastZxid = recovered.lastZxid;
    if (recovered.firstStart) this.tree.lastZxid = this.#config.testingInitialZxid ?? 0;
    this.#reached(this.tree.lastZxid);
    this.#checks.finish();
    addSystemNodes(this.tree);
    for (const id of [...this.tree.owned.ephemerals.keys()]) if (!this.sessions.has(id)) this.#applier.killSession(id);
    this.#dropUnusedAcls();
  }

  /**
   * Like `finish`, but for a snapshot from a leader. Transactions that were committed while the leader wrote the
   * snapshot are applied later.
   */
  finishAt(zxid: number): DatabaseContent {
    this.tree.lastZxid = zxid;
    addSystemNodes(this.tree);
    this.#dropUnusedAcls();
    return { tree: this.tree, sessions: this.sessions, digests: this.digests };
  }

  #dropUnusedAcls(): void {
    if (this.tree.acls.missing.size > 0) {
      this.#logger.error(
        `${this.tree.acls.missing.size} ACLs are missing in the snapshot; only the super user can access the nodes that use them`,
      );
    }
    this.tree.acls.dropUnused();
  }
}

const shownBytesMax = 200;

function shown(bytes: Buffer, start: number, end: number): string {
  const isWhole = end - start <= shownBytesMax;
  return isWhole ? bytes.toString('utf8', start, end) : `${bytes.toString('utf8', start, start + shownBytesMax)}…`;
}

/**
 * True if the path begins with a single slash and does not end with a slash. The part before the last name needs no
 * check, because it must be the path of a loaded node.
 */
function isWellFormed(bytes: Buffer, start: number, end: number): boolean {
  return bytes[start] === slash && bytes[end - 1] !== slash && bytes[start + 1] !== slash;
}

const slash = 0x2f;
