import { txnTimeMs } from '@nodekeeper/protocol';
import { createMetrics } from '../admin/metrics.js';
import { SizeStatistics } from '../admin/statistics.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { CommitGate, ZabMeter } from '../zab/replica.js';

/**
 * The acknowledgements of a proposal are timed if its zxid is a multiple of this number. The number corresponds to
 * ZooKeeper's option `leader.ackLoggingFrequency`.
 */
const ackTimingInterval = 1000;
const timedProposalsMax = 2;

interface TimedProposal {
  readonly zxid: number;
  readonly timeMs: number;
  readonly ackedBy: Set<number>;
}

/**
 * Counts and times the events of the ensemble. As in ZooKeeper, `metrics` cover the life of the process, and the
 * proposal sizes that `srvr` reports cover one term. Some latencies are the difference between the clocks of two
 * servers. A negative difference is not recorded.
 */
export class EnsembleMeter implements ZabMeter {
  readonly metrics = createMetrics();
  /** Sizes of the proposals that this server made in its latest term as leader. */
  proposalSizes = new SizeStatistics();
  readonly #scheduler: Scheduler;
  readonly #proposalCount = this.metrics.proposalCount;
  readonly #commitCount = this.metrics.commitCount;
  readonly #commitsQueued = this.metrics.requestCommitQueued;
  readonly #quorumAckLatency = this.metrics.quorumAckLatency;
  readonly #proposalsReceived = this.metrics.learnerProposalReceivedCount;
  readonly #proposalLatency = this.metrics.proposalLatency;
  readonly #commitsReceived = this.metrics.learnerCommitReceivedCount;
  readonly #commitLatency = this.metrics.commitPropagationLatency;
  #lookingMs = 0;
  #unavailableMs: number | undefined;
  #syncMs: number | undefined;
  readonly #syncs = { diff: 0, snap: 0 };
  #timed: TimedProposal[] = [];

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
    this.#unavailableMs = scheduler.monotonicMs();
  }

  // ---- the states of this server

  looking(): void {
    this.#lookingMs = this.#scheduler.monotonicMs();
    this.metrics.lookingCount.add(1);
  }

  elected(): void {
    this.metrics.electionTime.add(this.#since(this.#lookingMs));
  }

  /** Records that a leader has started to synchronise this server. */
  syncBegins(): void {
    this.#syncMs ??= this.#scheduler.monotonicMs();
  }

  leads(): void {
    this.proposalSizes = new SizeStatistics();
    this.#timed = [];
    if (this.#unavailableMs !== undefined) {
      this.metrics.leaderUnavailableTime.add(this.#since(this.#unavailableMs));
    }
    this.#available();
  }

  serves(mode: 'follower' | 'observer'): void {
    const { followerSyncTime, observerSyncTime } = this.metrics;
    const syncTime = mode === 'follower' ? followerSyncTime : observerSyncTime;
    if (this.#syncMs !== undefined) syncTime.add(this.#since(this.#syncMs));
    this.#available();
  }

  #available(): void {
    if (this.#unavailableMs !== undefined) this.metrics.unavailableTime.add(this.#since(this.#unavailableMs));
    this.#unavailableMs = undefined;
    this.#syncMs = undefined;
  }

  deserted(): void {
    this.metrics.quitLeadingDueToDisloyalVoter.add(1);
  }

  termEnds(): void {
    this.#unavailableMs ??= this.#scheduler.monotonicMs();
    this.#syncMs = undefined;
  }

  #since(ms: number): number {
    return Math.round(this.#scheduler.monotonicMs() - ms);
  }

  // ---- this server as leader

  synchronising(kind: 'diff' | 'snap', isOver: boolean): void {
    const { diffCount, inflightDiffCount, snapCount, inflightSnapCount } = this.metrics;
    this.#syncs[kind] += isOver ? -1 : 1;
    if (!isOver) (kind === 'diff' ? diffCount : snapCount).add(1);
    (kind === 'diff' ? inflightDiffCount : inflightSnapCount).add(this.#syncs[kind]);
  }

  #proposed(zxid: number, bytes: Buffer): void {
    this.#proposalCount.add(1);
    this.proposalSizes.record(bytes.length);
    if (zxid % ackTimingInterval !== 0) return;
    this.#timed.push({ zxid, timeMs: txnTimeMs(bytes), ackedBy: new Set() });
    if (this.#timed.length > timedProposalsMax) this.#timed.shift();
  }

  /** Returns a gate that records metrics of each proposal and then calls the given gate. */
  watched(gate: CommitGate): CommitGate {
    return {
      proposed: (zxid, bytes) => {
        this.#proposed(zxid, bytes);
        gate.proposed(zxid, bytes);
      },
      logged: (zxid) => gate.logged(zxid),
    };
  }

  acked(serverId: number, zxid: number): void {
    for (const { zxid: timedZxid, timeMs, ackedBy } of this.#timed) {
      if (timedZxid > zxid || ackedBy.has(serverId)) continue;
      ackedBy.add(serverId);
      const latencyMs = this.#scheduler.wallMs() - timeMs;
      if (latencyMs >= 0) this.metrics.ackLatency.add(String(serverId), latencyMs);
    }
  }

  committed(bytes: Buffer, wallMs: number): void {
    this.#commitCount.add(1);
    this.#commitsQueued.add(1);
    const latencyMs = wallMs - txnTimeMs(bytes);
    if (latencyMs >= 0) this.#quorumAckLatency.add(latencyMs);
  }

  // ---- this server as learner

  proposalReceived(bytes: Buffer, wallMs: number): void {
    this.#proposalsReceived.add(1);
    const latencyMs = wallMs - txnTimeMs(bytes);
    if (latencyMs >= 0) this.#proposalLatency.add(latencyMs);
  }

  commitReceived(bytes: Buffer, wallMs: number): void {
    this.#commitsReceived.add(1);
    this.#commitsQueued.add(1);
    const latencyMs = wallMs - txnTimeMs(bytes);
    if (latencyMs >= 0) this.#commitLatency.add(latencyMs);
  }
}
