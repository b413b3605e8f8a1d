import { OpCode } from '@nodekeeper/protocol';
import type { Metrics } from '../admin/metrics.js';
import { NamespaceTraffic } from '../admin/namespace-traffic.js';
import type { Clock } from '../ports/clock.js';
import type { Recovered, TxnLogStatistics } from '../storage/index.js';
import { RequestTimer, untimed } from './request-timer.js';

/** Where every top-level node is a namespace of its own, the first so many are counted. */
const quotaNamespacesMax = 1000;

/** What a server counts of its own work. Metrics are looked up once: an object with that many fields is slow to search. */
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
  #looksClosely = false;
  #tickedMs = 0;
  #tickIntervalMs = 0;

  /** @param events when the present event began */
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

  /** The files were read. */
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

  /** The tree is not what a transaction says it should be. */
  digestDiffers(): void {
    this.metrics.digestMismatchesCount.add(1);
  }

  ticksEvery(intervalMs: number): void {
    this.#tickedMs = this.#clock.monotonicMs();
    this.#tickIntervalMs = intervalMs;
  }

  /** A tick; on so many connections something waits. What a tick is late by is what the process stood still for. */
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

  /** A write was committed whose client is gone. */
  staleReply(): void {
    this.metrics.staleReplies.add(1);
  }

  sessionsExpired(count: number): void {
    this.metrics.staleSessionsExpired.add(count);
  }

  /** The other end is gone, without having closed its session. */
  connectionDropped(): void {
    this.metrics.connectionDropCount.add(1);
  }

  // ---- the log

  /** A batch of so many entries is durable; `gathering` have come meanwhile. `acks`: somebody is told of it. */
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

  /** A write is about to be prepared; gives what `prepared` needs. */
  preparing(type: number): number {
    this.#prepared.add(1);
    return type === OpCode.closeSession ? this.#clock.monotonicMs() : this.#prepTimer.begin();
  }

  /** The txn stands in the log's batch. Gives what `proposed` needs. */
  prepared(type: number, beganMs: number, changed: number): number {
    if (changed > 0) this.#changesQueued.add(changed);
    if (beganMs === untimed) return untimed;
    const nowMs = this.#clock.monotonicMs();
    const tookMs = Math.round(nowMs - beganMs);
    if (type === OpCode.closeSession) this.metrics.closeSessionPrepTime.add(tookMs);
    this.metrics.prepProcessTime.add(tookMs);
    return nowMs;
  }

  /** Whoever has to know of it does. */
  proposed(preparedMs: number): void {
    if (preparedMs !== untimed) this.metrics.proposalProcessTime.add(this.#sinceMs(preparedMs));
  }

  /** A write is about to be applied and answered. One that is timed is looked at closely until `applied`. */
  applying(): number {
    const beganMs = this.#applyTimer.begin();
    this.#looksClosely = beganMs !== untimed;
    return beganMs;
  }

  /** `beganMs` is what `applying` gave; `isLocal`: a client of this server asked for it. */
  applied(beganMs: number, isLocal: boolean): void {
    if (beganMs === untimed) return;
    this.#looksClosely = false;
    const metrics = this.metrics;
    const waitedMs = Math.max(0, Math.round(beganMs - this.#events.nowMs));
    (isLocal ? metrics.localWriteCommittedTimeMs : metrics.serverWriteCommittedTimeMs).add(waitedMs);
    metrics.writeFinalProcTimeMs.add(this.#sinceMs(beganMs));
    metrics.commitProcessTime.add(this.#sinceMs(this.#events.nowMs));
  }

  changesApplied(count: number): void {
    if (count > 0) this.#changesRemoved.add(count);
  }

  /** From the making of a txn, on its maker's clock, until it is applied here. */
  propagated(latencyMs: number): void {
    if (latencyMs >= 0) this.#propagationLatency.add(latencyMs);
  }

  writeAnswered(latencyMs: number): void {
    this.#updateLatency.add(latencyMs);
    if (this.#looksClosely) this.metrics.writeCommitprocTimeMs.add(latencyMs);
  }

  /** A request goes to the leader; so many are on their way. */
  forwarding(outstanding: number): void {
    this.#forwardedQueue.add(outstanding);
  }

  /** A hard limit below this path was passed. */
  quotaExceeded(path: string): void {
    const { quotaExceededErrorPerNamespace: counters } = this.metrics;
    const [, namespace = ''] = path.split('/', 2);
    if (counters.size < quotaNamespacesMax || counters.has(namespace)) counters.add(namespace, 1);
  }

  // ---- reads

  reading(): number {
    return this.#readTimer.begin();
  }

  /** `beganMs` is what `reading` gave. */
  wasRead(beganMs: number): void {
    if (beganMs !== untimed) this.#readFinalTime.add(this.#sinceMs(beganMs));
  }

  readAnswered(latencyMs: number): void {
    this.#readLatency.add(latencyMs);
  }

  /** It stood behind a write. */
  readWaited(waitedMs: number): void {
    this.#readWaitTime.add(waitedMs);
  }

  // ---- what waits on one connection

  /** The write in front of `waiting` requests of its connection is committed. */
  laneMoves(waiting: number): void {
    if (this.#looksClosely) this.metrics.requestsInSessionQueue.add(waiting);
  }

  /** So many reads could be answered, and `left` requests stand behind the next write. */
  laneMoved(answered: number, left: number): void {
    if (!this.#looksClosely) return;
    this.metrics.readsAfterWriteInSessionQueue.add(answered);
    this.metrics.readsIssuedFromSessionQueue.add(answered);
    this.metrics.sessionQueuesDrained.add(left === 0 ? 1 : 0);
  }

  /** Watchers were sent a notification of so many bytes. */
  triggered(eventType: number, watchers: number, bytes: number): void {
    this.#watchCounts[eventType - 1]!.add(watchers);
    // Apache counts without the length in front
    this.#watchBytes.add(watchers * (bytes - 4));
  }
}
