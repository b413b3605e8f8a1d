import type { ConnectionView, ExpiryBucket, LeaderView, QuotaView, ServerView } from '../admin/server-view.js';
import type { SizeStatistics } from '../admin/statistics.js';
import type { Client } from '../clients/client.js';
import type { Clients } from '../clients/clients.js';
import type { ServerConfig } from '../config/server-config.js';
import type { Database } from '../database/database.js';
import type { ServerMeter } from '../meters/server-meter.js';
import type { Disk } from '../ports/disk.js';
import type { ServerMode } from '../roles/role.js';
import { logDirectory, snapshotDirectory } from '../storage/index.js';
import { noNode } from '../tree/node-table.js';
import { limitPath, QuotaText, usagePath } from '../tree/quota-text.js';
import type { WatchManager } from '../watch/watch-manager.js';
import type { LeaderGate } from '../zab/replica.js';

/** The parts of the server from which the view takes its values. */
interface ViewSources {
  readonly config: ServerConfig;
  readonly events: { readonly nowMs: number; readonly wallMs: number };
  readonly clients: Clients;
  readonly watches: WatchManager;
  readonly meter: ServerMeter;
  readonly ports: {
    readonly disk: Disk;
    readonly serverId?: number;
    readonly fileDescriptors: () => { open: number | undefined; max: number | undefined };
    readonly environment: () => Iterable<readonly [key: string, value: string]>;
  };
  /** Returns the present database. */
  database(): Database;
  /** Returns the present mode. */
  mode(): ServerMode;
}

/** The server as operators see it. The view lives as long as the process and is used in every term. */
export class LiveView implements ServerView {
  readonly readOnly = false;
  readonly localSessionCount = 0;
  clientPort = 0;
  traceMask = 306n;
  learnerMasterId: number | undefined;
  readonly #sources: ViewSources;
  #leading: { readonly gate: LeaderGate; readonly proposalSizes: SizeStatistics } | undefined;
  /** Monotonic time at which the present role began. */
  #startedMs: number;

  constructor(sources: ViewSources) {
    this.#sources = sources;
    this.#startedMs = sources.events.nowMs;
  }

  /** Called when this server begins a term as leader. */
  leads(gate: LeaderGate, proposalSizes: SizeStatistics): void {
    this.#leading = { gate, proposalSizes };
    this.#startedMs = this.#sources.events.nowMs;
  }

  /** Called when this server begins a term as a learner. */
  learnsFrom(leaderId: number): void {
    this.learnerMasterId = leaderId;
    this.#startedMs = this.#sources.events.nowMs;
  }

  termEnds(): void {
    this.#leading = undefined;
    this.learnerMasterId = undefined;
    this.#startedMs = this.#sources.events.nowMs;
  }

  get #database(): Database {
    return this.#sources.database();
  }

  get #watches() {
    return this.#sources.watches;
  }

  get leader(): LeaderView | undefined {
    if (this.#leading === undefined) return undefined;
    const { gate, proposalSizes } = this.#leading;
    return { ...gate.report(), uptimeMs: this.uptimeMs, proposalSizes };
  }
  get serving() {
    return this.#sources.clients.service?.takesClients === true;
  }
  get mode() {
    return this.#sources.mode();
  }
  get serverId() {
    return this.#sources.ports.serverId ?? 0;
  }
  get config() {
    return this.#sources.config;
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
    return this.#sources.events.nowMs - this.#startedMs;
  }
  get statistics() {
    return this.#sources.clients.tally.statistics;
  }
  get metrics() {
    return this.#sources.meter.metrics;
  }
  get outstandingRequests() {
    return this.#sources.clients.outstanding;
  }
  get lastProcessedZxid() {
    return this.#database.tree.lastZxid;
  }
  get connectionDropProbability() {
    return this.#sources.clients.throttle.dropProbability;
  }
  get openFileDescriptorCount() {
    return this.#sources.ports.fileDescriptors().open;
  }
  get maxFileDescriptorCount() {
    return this.#sources.ports.fileDescriptors().max;
  }
  /**
   * Counts the root twice. ZooKeeper stores the root under two names, the empty path and `/`, and counts both (spec
   * 11.30).
   */
  get nodeCount() {
    return this.#database.tree.count + 1;
  }
  get watchCount() {
    return this.#watches.count;
  }
  get ephemeralCount() {
    let count = 0;
    for (const owned of this.#database.tree.owned.ephemerals.values()) count += owned.size;
    return count;
  }
  /** Includes the one byte of `/`, which ZooKeeper stores as a second name of the root. */
  get approximateDataSizeBytes() {
    return this.#database.tree.dataBytes + 1;
  }
  get globalSessionCount() {
    return this.#database.sessions.size;
  }
  get connectionCount() {
    return this.#sources.clients.connectionCount;
  }

  *connections(): Iterable<ConnectionView> {
    for (const client of this.#sources.clients.all()) yield connectionView(client);
  }

  sessionBuckets(): Iterable<ExpiryBucket<bigint>> {
    const buckets = new Map<number, bigint[]>();
    for (const session of this.#database.sessions.values()) {
      const bucketMs = this.#database.sessions.bucketOf(session);
      const ids = buckets.get(bucketMs);
      if (ids === undefined) buckets.set(bucketMs, [session.id]);
      else ids.push(session.id);
    }
    return this.#sorted(buckets);
  }

  globalSessions() {
    return [...this.#database.sessions.values()]
      .filter(({ committed }) => committed)
      .sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  connectionBuckets(): Iterable<ExpiryBucket<ConnectionView>> {
    const buckets = new Map<number, ConnectionView[]>();
    for (const client of this.#sources.clients.all()) {
      const { session } = client;
      const bucketMs =
        session === undefined
          ? client.connection.acceptedMs + this.config.nioSessionlessCnxnTimeoutMs
          : this.#database.sessions.bucketOf(session);
      const views = buckets.get(bucketMs);
      if (views === undefined) buckets.set(bucketMs, [connectionView(client)]);
      else views.push(connectionView(client));
    }
    return this.#sorted(buckets);
  }

  /** Sorts the buckets by time, and converts monotonic times to wall-clock times. */
  #sorted<Item>(buckets: Map<number, Item[]>): ExpiryBucket<Item>[] {
    const { wallMs, nowMs } = this.#sources.events;
    const offsetMs = wallMs - nowMs;
    return [...buckets]
      .sort(([a], [b]) => a - b)
      .map(([bucketMs, items]) => ({ expiresMs: bucketMs + offsetMs, items: new Set(items) }));
  }

  ephemerals(): ReadonlyMap<bigint, Iterable<string>> {
    return this.#database.tree.owned.ephemerals;
  }

  watchesByPath(): ReadonlyMap<string, Iterable<bigint>> {
    const byPath = new Map<string, bigint[]>();
    for (const [path, watchers] of this.#watches.data.entries()) {
      byPath.set(
        path,
        [...watchers].map((watcher) => (watcher as Client).sessionId),
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
    return this.#database.digests.entries();
  }

  *quotas(): Iterable<QuotaView> {
    for (const path of this.#database.quotas.paths) {
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
    const node = this.#database.tree.findPath(path);
    return new QuotaText(node === noNode ? '' : (this.#database.tree.dataOf(node)?.toString() ?? ''));
  }

  environment() {
    return this.#sources.ports.environment();
  }

  #directorySize(directory: string): number {
    const { disk } = this.#sources.ports;
    let sizeBytes = 0;
    for (const name of disk.list(directory)) {
      const file = disk.open(`${directory}/${name}`, 'read');
      sizeBytes += file.size();
      file.close();
    }
    return sizeBytes;
  }
}

function connectionView({ connection, lane, sessionId, sessionTimeoutMs }: Client): ConnectionView {
  const { remoteAddress, remotePort, unsentBytes } = connection.transport;
  return {
    remoteAddress: remoteAddress.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`,
    sessionId,
    sessionTimeoutMs,
    establishedMs: connection.establishedMs,
    wantsRead: connection.isReading,
    wantsWrite: unsentBytes > 0,
    outstandingRequests: lane.length,
    statistics: connection.statistics,
  };
}
