import { OpCode } from '@nodekeeper/protocol';
import type { Metrics } from '../admin/metrics.js';
import { NamespaceTraffic } from '../admin/namespace-traffic.js';
import type { Clock } from '../ports/clock.js';
import type { Recovered, TxnLogStatistics } from '../storage/index.js';
import { RequestTimer, untimed } from './request-timer.js';

/**
 * Exceeded quotas are counted for at most this number of namespaces (top-level znodes). The limit bounds the memory if
 * clients create many top-level znodes.
 */
const quotaNamespacesMax = 1000;

/**
 * Records metrics of this server's own work. The constructor looks up the frequently used metrics, because a look-up in
 * the large `Metrics` object is slow.
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
  // Metrics of reads.
  readonly #readTimer: RequestTimer;
  readonly #readFinalTime;
  readonly #readWaitTime;
  // Metrics of writes.
  readonly #prepTimer: RequestTimer;
  readonly #applyTimer: RequestTimer;
  readonly #prepared;
  readonly #changesQueued;
  readonly #changesRemoved;
  readonly #forwardedQueue;
  #isTimed = false;
  #tickedMs = 0;
  #tickIntervalMs = 0;

  /** @param events `events.nowMs` is the time at which the current event started */
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

  /** Records that recovery has read the snapshot and the logs. */
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

  /** Records that the tree's digest differs from the digest in a transaction. */
  digestDiffers(): void {
    this.metrics.digestMismatchesCount.add(1);
  }

  ticksEvery(intervalMs: number): void {
    this.#tickedMs = this.#clock.monotonicMs();
    this.#tickIntervalMs = intervalMs;
  }

  /**
   * Records a tick. `waitingConnections` is the number of connections whose requests wait. The delay of the tick counts
   * as a pause of the process.
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

  /** Records that a connection was closed because it did not open a session in time. */
  sessionlessExpired(): void {
    this.metrics.sessionlessConnectionsExpired.add(1);
  }

  largeRequestRejected(): void {
    this.metrics.largeRequestsRejected.add(1);
  }

  /** Records that a write was committed after its client had disconnected. */
  staleReply(): void {
    this.metrics.staleReplies.add(1);
  }

  sessionsExpired(count: number): void {
    this.metrics.staleSessionsExpired.add(count);
  }

  /** Records that a client disconnected without closing its session. */
  connectionDropped(): void {
    this.metrics.connectionDropCount.add(1);
  }

  // ---- the transaction log

  /**
   * Records that a batch of `count` log entries is durable. `gathering` is the number of entries in the next batch so
   * far. `acks` is true on a leader or follower, whose durable batch counts as an acknowledgement.
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

  /** Records that a write is about to be prepared. Pass the returned value to `prepared()`. */
  preparing(type: number): number {
    this.#prepared.add(1);
    return type === OpCode.closeSession ? this.#clock.monotonicMs() : this.#prepTimer.begin();
  }

  /** Records that the transaction of a write was added to the log's batch. Pass the returned value to `proposed()`. */
  prepared(type: number, beganMs: number, changed: number): number {
    if (changed > 0) this.#changesQueued.add(changed);
    if (beganMs === untimed) return untimed;
    const nowMs = this.#clock.monotonicMs();
    const tookMs = Math.round(nowMs - beganMs);
    if (type === OpCode.closeSession) this.metrics.closeSessionPrepTime.add(tookMs);
    this.metrics.prepProcessTime.add(tookMs);
    return nowMs;
  }

  /**
   * Records that a proposal was passed to the log and to the followers. `preparedMs` is the value that `prepared()`
   * returned.
   */
  proposed(preparedMs: number): void {
    if (preparedMs !== untimed) this.metrics.proposalProcessTime.add(this.#sinceMs(preparedMs));
  }

  /**
   * Records that a write is about to be applied and answered. Pass the returned value to `applied()`. If the write is
   * selected for timing, other methods record further metrics until `applied()` is called.
   */
  applying(): number {
    const beganMs = this.#applyTimer.begin();
    this.#isTimed = beganMs !== untimed;
    return beganMs;
  }

  /**
   * Records that a write was applied. `beganMs` is the value that `applying()` returned. `isLocal` is true if a client
   * of this server sent the write.
   */
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

  /**
   * Records the time from the creation of a transaction, on the leader's clock, until this server applies the
   * transaction.
   */
  propagated(latencyMs: number): void {
    if (latencyMs >= 0) this.#propagationLatency.add(latencyMs);
  }

  writeAnswered(latencyMs: number): void {
    this.#updateLatency.add(latencyMs);
    if (this.#isTimed) this.metrics.writeCommitprocTimeMs.add(latencyMs);
  }

  /**
   * Records that a request is sent to the leader. `outstanding` is the number of forwarded requests without an answer.
   */
  forwarding(outstanding: number): void {
    this.#forwardedQueue.add(outstanding);
  }

  /** Records that a write to this path was refused because it would exceed a hard quota. */
  quotaExceeded(path: string): void {
    const { quotaExceededErrorPerNamespace: counters } = this.metrics;
    const [, namespace = ''] = path.split('/', 2);
    if (counters.size < quotaNamespacesMax || counters.has(namespace)) counters.add(namespace, 1);
  }

  // ---- reads

  reading(): number {
    return this.#readTimer.begin();
  }

  /** Records that a read was performed. `beganMs` is the value that `reading()` returned. */
  wasRead(beganMs: number): void {
    if (beganMs !== untimed) this.#readFinalTime.add(this.#sinceMs(beganMs));
  }

  readAnswered(latencyMs: number): void {
    this.#readLatency.add(latencyMs);
  }

  /** Records how long a read waited for an earlier write of its connection. */
  readWaited(waitedMs: number): void {
    this.#readWaitTime.add(waitedMs);
  }

  // ---- requests that wait on one connection

  /**
   * Records that a write was committed. `waiting` is the number of requests that were then in the queue of its
   * connection.
   */
  laneMoves(waiting: number): void {
    if (this.#isTimed) this.metrics.requestsInSessionQueue.add(waiting);
  }

  /**
   * Records that a connection has answered the reads after a write. `answered` is the number of these reads. `left` is
   * the number of requests that wait for the connection's next write.
   */
  laneMoved(answered: number, left: number): void {
    if (!this.#isTimed) return;
    this.metrics.readsAfterWriteInSessionQueue.add(answered);
    this.metrics.readsIssuedFromSessionQueue.add(answered);
    this.metrics.sessionQueuesDrained.add(left === 0 ? 1 : 0);
  }

  /** Records that a notification of `bytes` bytes was sent to `watchers` clients. */
  triggered(eventType: number, watchers: number, bytes: number): void {
    this.#watchCounts[eventType - 1]!.add(watchers);
    // ZooKeeper's metric excludes the length prefix of four bytes.
    this.#watchBytes.add(watchers * (bytes - 4));
  }
}
