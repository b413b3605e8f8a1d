import { OpCode } from '@nodekeeper/protocol';
import type { Metrics } from '../admin/metrics.js';
import { NamespaceTraffic } from '../admin/namespace-traffic.js';
import type { Clock } from '../ports/clock.js';
import type { Recovered, TxnLogStatistics } from '../storage/index.js';
import { RequestTimer, untimed } from './request-timer.js';

/** Bounds the memory if every top-level node is a separate namespace: only the first 1000 are counted. */
const quotaNamespacesMax = 1000;

/**
 * Metrics of the server's own work. Each metric is looked up once, because look-ups in an object with so many fields
 * are slow.
 */
export class ServerMeter {
  readonly readTraffic: NamespaceTraffic;
  readonly writeTraffic: NamespaceTraffic;
  readonly bytesReceived;
  readonly responseBytes;
  readonly metrics: Metrics;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #events: { readonly nowMs: number };
  readonly #readLatency;
  readonly #updateLatency;
  readonly #propagationLatency;
  readonly #watchBytes;
  readonly #watchCounts;
  // of reads
  readonly #readTimer: RequestTimer;
  readonly #readFinalTime;
  readonly #readWaitTime;
  // of writes
  readonly #prepTimer: RequestTimer;
  readonly #applyTimer: RequestTimer;
  readonly #prepared;
  readonly #changesQueued;
  readonly #changesRemoved;
  readonly #forwardedQueue;
  #isTimed = false;
  #tickedMs = 0;
  #tickIntervalMs = 0;

  /** @param events its `nowMs` is the start of the current event */
  constructor(metrics: Metrics, clock: Pick<Clock, 'monotonicMs'>, events: { readonly nowMs: number }) {
    this.metrics = metrics;
    this.#clock = clock;
    this.#events = events;
    this.readTraffic = new NamespaceTraffic(metrics.readPerNamespace);
    this.writeTraffic = new NamespaceTraffic(metrics.writePerNamespace);
    this.bytesReceived = metrics.bytesReceivedCount;
    this.responseBytes = metrics.responseBytes;
    this.#readLatency = metrics.readlatency;
    this.#updateLatency = metrics.updatelatency;
    this.#propagationLatency = metrics.propagationLatency;
    this.#watchBytes = metrics.watchBytes;
    this.#watchCounts = [
      metrics.nodeCreatedWatchCount,
      metrics.nodeDeletedWatchCount,
      metrics.nodeChangedWatchCount,
      metrics.nodeChildrenWatchCount,
    ];
    this.#readTimer = new RequestTimer(clock);
    this.#readFinalTime = metrics.readFinalProcTimeMs;
    this.#readWaitTime = metrics.readCommitprocTimeMs;
    this.#prepTimer = new RequestTimer(clock);
    this.#applyTimer = new RequestTimer(clock);
    this.#prepared = metrics.prepProcessorRequestQueued;
    this.#changesQueued = metrics.outstandingChangesQueued;
    this.#changesRemoved = metrics.outstandingChangesRemoved;
    this.#forwardedQueue = metrics.learnerRequestProcessorQueueSize;
  }

  #sinceMs(beganMs: number): number {
    return Math.round(this.#clock.monotonicMs() - beganMs);
  }

  // ---- the server

  /** Recovery has read the files. */
  loaded({ snapshotMs, replayMs, txnsReplayed }: Recovered): void {
    this.metrics.startupSnapLoadTime.add(Math.round(snapshotMs));
    this.metrics.startupTxnsLoadTime.add(Math.round(replayMs));
    this.metrics.startupTxnsLoaded.add(txnsReplayed);
  }

  snapshotTaken(durationMs: number): void {
    this.metrics.snapshottime.add(Math.round(durationMs));
  }

  snapshotFailed(): void {
    this.metrics.snapshotErrorCount.add(1);
  }

  logFailed(): void {
    this.metrics.unrecoverableErrorCount.add(1);
  }

  /** The tree's digest differs from the one in a transaction. */
  digestDiffers(): void {
    this.metrics.digestMismatchesCount.add(1);
  }

  ticksEvery(intervalMs: number): void {
    this.#tickedMs = this.#clock.monotonicMs();
    this.#tickIntervalMs = intervalMs;
  }

  /**
   * Records a tick and the number of connections with waiting requests. The lateness of a tick is the time for which
   * the process stood still.
   */
  ticked(waitingConnections: number): void {
    const lateMs = Math.max(0, Math.round(this.#events.nowMs - this.#tickedMs - this.#tickIntervalMs));
    this.#tickedMs = this.#events.nowMs;
    this.metrics.jvmPauseTimeMs.add(lateMs);
    this.metrics.pendingSessionQueueSize.add(waitingConnections);
  }

  connectionRejected(): void {
    this.metrics.connectionRejected.add(1);
  }

  /** A connection did not open a session in time. */
  sessionlessExpired(): void {
    this.metrics.sessionlessConnectionsExpired.add(1);
  }

  largeRequestRejected(): void {
    this.metrics.largeRequestsRejected.add(1);
  }

  /** A write was committed after its client had disconnected. */
  staleReply(): void {
    this.metrics.staleReplies.add(1);
  }

  sessionsExpired(count: number): void {
    this.metrics.staleSessionsExpired.add(count);
  }

  /** The client disconnected without closing its session. */
  connectionDropped(): void {
    this.metrics.connectionDropCount.add(1);
  }

  // ---- the log

  /**
   * A batch of `count` entries is durable; `gathering` entries have arrived since. `acks`: the server acknowledges the
   * batch to a leader or a client.
   */
  batchLogged(count: number, gathering: number, { queuedLastMs, syncLastMs }: TxnLogStatistics, acks: boolean): void {
    const metrics = this.metrics;
    const queuedMs = Math.round(queuedLastMs);
    const syncMs = Math.round(syncLastMs);
    const bothMs = Math.round(queuedLastMs + syncLastMs);
    metrics.syncProcessorBatchSize.add(count);
    metrics.syncProcessorRequestQueued.add(count);
    metrics.syncProcessorQueueSize.add(gathering);
    metrics.fsynctime.add(syncMs);
    metrics.syncProcessTime.add(syncMs);
    metrics.syncProcessorQueueTimeMs.add(queuedMs);
    metrics.syncProcessorQueueFlushTimeMs.add(syncMs);
    metrics.syncProcessorQueueAndFlushTimeMs.add(bothMs);
    if (acks) metrics.proposalAckCreationLatency.add(bothMs);
  }

  // ---- writes

  /** A write is about to be prepared. Pass the result to `prepared`. */
  preparing(type: number): number {
    this.#prepared.add(1);
    return type === OpCode.closeSession ? this.#clock.monotonicMs() : this.#prepTimer.begin();
  }

  /** The txn is in the log's batch. Pass the result to `proposed`. */
  prepared(type: number, beganMs: number, changed: number): number {
    if (changed > 0) this.#changesQueued.add(changed);
    if (beganMs === untimed) return untimed;
    const nowMs = this.#clock.monotonicMs();
    const tookMs = Math.round(nowMs - beganMs);
    if (type === OpCode.closeSession) this.metrics.closeSessionPrepTime.add(tookMs);
    this.metrics.prepProcessTime.add(tookMs);
    return nowMs;
  }

  /** The proposal was passed to the log and to the followers. */
  proposed(preparedMs: number): void {
    if (preparedMs !== untimed) this.metrics.proposalProcessTime.add(this.#sinceMs(preparedMs));
  }

  /** A write is about to be applied and answered. If it is timed, further metrics are recorded until `applied`. */
  applying(): number {
    const beganMs = this.#applyTimer.begin();
    this.#isTimed = beganMs !== untimed;
    return beganMs;
  }

  /** `beganMs` is the result of `applying`; `isLocal` means that a client of this server sent the write. */
  applied(beganMs: number, isLocal: boolean): void {
    if (beganMs === untimed) return;
    this.#isTimed = false;
    const metrics = this.metrics;
    const waitedMs = Math.max(0, Math.round(beganMs - this.#events.nowMs));
    (isLocal ? metrics.localWriteCommittedTimeMs : metrics.serverWriteCommittedTimeMs).add(waitedMs);
    metrics.writeFinalProcTimeMs.add(this.#sinceMs(beganMs));
    metrics.commitProcessTime.add(this.#sinceMs(this.#events.nowMs));
  }

  changesApplied(count: number): void {
    if (count > 0) this.#changesRemoved.add(count);
  }

  /** Records the time from the creation of a txn, on its leader's clock, until this server applies it. */
  propagated(latencyMs: number): void {
    if (latencyMs >= 0) this.#propagationLatency.add(latencyMs);
  }

  writeAnswered(latencyMs: number): void {
    this.#updateLatency.add(latencyMs);
    if (this.#isTimed) this.metrics.writeCommitprocTimeMs.add(latencyMs);
  }

  /** A request is sent to the leader; `outstanding` requests have no answer yet. */
  forwarding(outstanding: number): void {
    this.#forwardedQueue.add(outstanding);
  }

  /** A write would exceed a hard limit below this path. */
  quotaExceeded(path: string): void {
    const { quotaExceededErrorPerNamespace: counters } = this.metrics;
    const [, namespace = ''] = path.split('/', 2);
    if (counters.size < quotaNamespacesMax || counters.has(namespace)) counters.add(namespace, 1);
  }

  // ---- reads

  reading(): number {
    return this.#readTimer.begin();
  }

  /** `beganMs` is the result of `reading`. */
  wasRead(beganMs: number): void {
    if (beganMs !== untimed) this.#readFinalTime.add(this.#sinceMs(beganMs));
  }

  readAnswered(latencyMs: number): void {
    this.#readLatency.add(latencyMs);
  }

  /** The read waited for an earlier write. */
  readWaited(waitedMs: number): void {
    this.#readWaitTime.add(waitedMs);
  }

  // ---- what waits on one connection

  /** The write before `waiting` requests of its connection is committed. */
  laneMoves(waiting: number): void {
    if (this.#isTimed) this.metrics.requestsInSessionQueue.add(waiting);
  }

  /** The connection answered `answered` reads; `left` requests wait for the next write. */
  laneMoved(answered: number, left: number): void {
    if (!this.#isTimed) return;
    this.metrics.readsAfterWriteInSessionQueue.add(answered);
    this.metrics.readsIssuedFromSessionQueue.add(answered);
    this.metrics.sessionQueuesDrained.add(left === 0 ? 1 : 0);
  }

  /** `watchers` clients were sent a notification of `bytes` bytes. */
  triggered(eventType: number, watchers: number, bytes: number): void {
    this.#watchCounts[eventType - 1]!.add(watchers);
    // ZooKeeper counts without the length prefix
    this.#watchBytes.add(watchers * (bytes - 4));
  }
}
