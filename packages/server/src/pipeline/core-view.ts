import type { ConnectionView, ExpiryBucket, LeaderView, QuotaView, ServerView } from '../admin/server-view.js';
import type { SizeStatistics } from '../admin/statistics.js';
import type { Connection } from '../net/connection.js';
import { logDirectory, snapshotDirectory } from '../storage/index.js';
import { noNode } from '../tree/node-table.js';
import { limitPath, QuotaText, usagePath } from '../tree/quota.js';
import type { LeaderGate } from '../zab/replica.js';
import type { ServerCore } from './server-core.js';

/** The core as four-letter words see it. */
export class CoreView implements ServerView {
  readonly readOnly = false;
  readonly localSessionCount = 0;
  clientPort = 0;
  traceMask = 306n;
  learnerMasterId: number | undefined;
  readonly #core: ServerCore;
  #leading: { readonly gate: LeaderGate; readonly proposalSizes: SizeStatistics } | undefined;

  constructor(core: ServerCore) {
    this.#core = core;
  }

  /** The term as leader begins. */
  leads(gate: LeaderGate, proposalSizes: SizeStatistics): void {
    this.#leading = { gate, proposalSizes };
    this.#core.startedMs = this.#core.nowMs;
  }

  /** The term as learner begins. */
  learnsFrom(leaderId: number): void {
    this.learnerMasterId = leaderId;
    this.#core.startedMs = this.#core.nowMs;
  }

  get leader(): LeaderView | undefined {
    if (this.#leading === undefined) return undefined;
    const { gate, proposalSizes } = this.#leading;
    return { ...gate.report(), uptimeMs: this.uptimeMs, proposalSizes };
  }
  get serving() {
    return this.#core.takesClients;
  }
  get mode() {
    return this.#core.mode;
  }
  get serverId() {
    return this.#core.ports.serverId ?? 0;
  }
  get config() {
    return this.#core.config;
  }
  get snapshotDirectory() {
    return snapshotDirectory(this.config.dataDir);
  }
  get logDirectory() {
    return logDirectory(this.config.dataLogDir);
  }
  get snapshotDirectorySizeBytes() {
    return this.#directorySize(this.snapshotDirectory);
  }
  get logDirectorySizeBytes() {
    return this.#directorySize(this.logDirectory);
  }
  get uptimeMs() {
    return this.#core.nowMs - this.#core.startedMs;
  }
  get statistics() {
    return this.#core.statistics;
  }
  get metrics() {
    return this.#core.metrics;
  }
  get outstandingRequests() {
    return this.#core.outstanding;
  }
  get lastProcessedZxid() {
    return this.#core.tree.lastZxid;
  }
  get connectionDropProbability() {
    return this.#core.connectionThrottle.dropProbability;
  }
  get openFileDescriptorCount() {
    return this.#core.ports.fileDescriptors().open;
  }
  get maxFileDescriptorCount() {
    return this.#core.ports.fileDescriptors().max;
  }
  /** Apache keeps the root under both of its names, and counts both (inventory 11.30). */
  get nodeCount() {
    return this.#core.tree.count + 1;
  }
  get watchCount() {
    return this.#core.watches.count;
  }
  get ephemeralCount() {
    let count = 0;
    for (const owned of this.#core.tree.ephemerals.values()) count += owned.size;
    return count;
  }
  /** Again the root's second name, `/`. */
  get approximateDataSizeBytes() {
    return this.#core.tree.dataBytes + 1;
  }
  get globalSessionCount() {
    return this.#core.sessions.size;
  }
  get connectionCount() {
    return this.#core.connections.size;
  }

  *connections(): Iterable<ConnectionView> {
    for (const connection of this.#core.connections) yield connectionView(connection);
  }

  sessionBuckets(): Iterable<ExpiryBucket<bigint>> {
    const buckets = new Map<number, bigint[]>();
    for (const session of this.#core.sessions.values()) {
      const bucketMs = this.#core.sessions.bucketOf(session);
      const ids = buckets.get(bucketMs);
      if (ids === undefined) buckets.set(bucketMs, [session.id]);
      else ids.push(session.id);
    }
    return this.#sorted(buckets);
  }

  globalSessions() {
    return [...this.#core.sessions.values()]
      .filter(({ committed }) => committed)
      .sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  connectionBuckets(): Iterable<ExpiryBucket<ConnectionView>> {
    const buckets = new Map<number, ConnectionView[]>();
    for (const connection of this.#core.connections) {
      const { session, acceptedMs } = connection;
      const bucketMs =
        session === undefined
          ? acceptedMs + this.config.nioSessionlessCnxnTimeoutMs
          : this.#core.sessions.bucketOf(session);
      const views = buckets.get(bucketMs);
      if (views === undefined) buckets.set(bucketMs, [connectionView(connection)]);
      else views.push(connectionView(connection));
    }
    return this.#sorted(buckets);
  }

  /** Times of the monotonic clock become times of day. */
  #sorted<Item>(buckets: Map<number, Item[]>): ExpiryBucket<Item>[] {
    const offsetMs = this.#core.wallMs - this.#core.nowMs;
    return [...buckets]
      .sort(([a], [b]) => a - b)
      .map(([bucketMs, items]) => ({ expiresMs: bucketMs + offsetMs, items: new Set(items) }));
  }

  ephemerals(): ReadonlyMap<bigint, Iterable<string>> {
    return this.#core.tree.ephemerals;
  }

  watchesByPath(): ReadonlyMap<string, Iterable<bigint>> {
    const byPath = new Map<string, bigint[]>();
    for (const [path, watchers] of this.#core.watches.data.entries()) {
      byPath.set(
        path,
        [...watchers].map((watcher) => (watcher as Connection).sessionId),
      );
    }
    return byPath;
  }

  watchesBySession(): ReadonlyMap<bigint, Set<string>> {
    const bySession = new Map<bigint, Set<string>>();
    for (const [path, sessionIds] of this.watchesByPath()) {
      for (const id of sessionIds) {
        const paths = bySession.get(id);
        if (paths === undefined) bySession.set(id, new Set([path]));
        else paths.add(path);
      }
    }
    return bySession;
  }

  digests() {
    return this.#core.digests.entries();
  }

  *quotas(): Iterable<QuotaView> {
    for (const path of this.#core.quotas.paths) {
      const limits = this.#text(limitPath(path));
      const usage = this.#text(usagePath(path));
      yield {
        path,
        countLimit: limits.countHardLimit > -1 ? limits.countHardLimit : limits.count,
        bytesLimit: limits.byteHardLimit > -1 ? limits.byteHardLimit : limits.bytes,
        countUsage: usage.count,
        bytesUsage: usage.bytes,
      };
    }
  }

  #text(path: string): QuotaText {
    const node = this.#core.tree.findPath(path);
    return new QuotaText(node === noNode ? '' : (this.#core.tree.dataOf(node)?.toString() ?? ''));
  }

  environment() {
    return this.#core.ports.environment();
  }

  #directorySize(directory: string): number {
    const { disk } = this.#core.ports;
    let sizeBytes = 0;
    for (const name of disk.list(directory)) {
      const file = disk.open(`${directory}/${name}`, 'read');
      sizeBytes += file.size();
      file.close();
    }
    return sizeBytes;
  }
}

function connectionView(connection: Connection): ConnectionView {
  const { remoteAddress, remotePort, unsentBytes } = connection.transport;
  return {
    remoteAddress: remoteAddress.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`,
    sessionId: connection.sessionId,
    sessionTimeoutMs: connection.sessionTimeoutMs,
    establishedMs: connection.establishedMs,
    wantsRead: connection.isReading,
    wantsWrite: unsentBytes > 0,
    outstandingRequests: connection.lane.length,
    statistics: connection.statistics,
  };
}
