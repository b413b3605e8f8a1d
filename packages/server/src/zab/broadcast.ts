import type { ConnectedLearner } from './learner-master.js';
import type { Learners } from './learners.js';
import { encodePacket, PacketType } from './packets.js';
import { Proposals } from './proposals.js';
import { SyncQueue } from './sync-queue.js';
import type { TermContext } from './term-context.js';

/**
 * The broadcast phase, in which a leader serves. The leader sends proposals to its followers, commits each proposal
 * that a quorum has logged, and answers the `sync` requests of clients.
 */
export class Broadcast {
  readonly #context: TermContext;
  readonly #learners: Learners;
  readonly #proposals: Proposals;
  readonly #syncs: SyncQueue;
  #isRunning = false;
  #lastProposed = 0;
  #lastCommitted = 0;
  #isPingDue = false;

  constructor(context: TermContext, learners: Learners) {
    this.#context = context;
    this.#learners = learners;
    this.#proposals = new Proposals(context.config);
    this.#syncs = new SyncQueue((round) => this.#isConfirmed(round));
  }

  /** The last proposed zxid; 0 before the broadcast phase begins. */
  get lastProposed(): number {
    return this.#lastProposed;
  }

  get pendingSyncs(): number {
    return this.#syncs.length;
  }

  begin(epochZxid: number): void {
    this.#isRunning = true;
    this.#lastProposed = epochZxid;
    this.#lastCommitted = epochZxid;
  }

  end(): void {
    this.#isRunning = false;
  }

  // ---- proposals

  propose(zxid: number, bytes: Buffer): void {
    this.#lastProposed = zxid;
    this.#proposals.add(zxid, bytes);
    this.#learners.propose(zxid, bytes, this.#context.nowMs());
  }

  /**
   * From now on, sends every proposal and commit to this learner. The leader calls this method as soon as it has
   * computed the learner's synchronisation, so that the learner misses no proposal.
   */
  startForwarding(learner: ConnectedLearner): void {
    if (!learner.isObserver) {
      const nowMs = this.#context.nowMs();
      for (const { zxid, bytes } of this.#proposals.outstanding) {
        learner.propose(zxid, encodePacket(PacketType.proposal, zxid, bytes), nowMs);
      }
    }
    learner.isForwardedTo = true;
  }

  /** Server `serverId` has logged all proposals up to this zxid. */
  acked(serverId: number, zxid: number): void {
    if (!this.#proposals.isVoter(serverId)) return;
    this.#proposals.acked(serverId, zxid);
    this.#context.replica.meter.acked(serverId, zxid);
    if (this.#isRunning) this.#commit();
  }

  /** Commits, in order, the proposals that a quorum has logged. */
  #commit(): void {
    const { replica } = this.#context;
    const committed = this.#proposals.takeCommitted();
    if (committed.length === 0) return;
    for (const { zxid, bytes } of committed) {
      if (this.#syncs.isWaitingBefore(zxid)) {
        replica.commitThrough(this.#lastCommitted);
        this.#syncs.answerBefore(zxid);
      }
      replica.history.add(zxid, bytes);
      this.#learners.commit(zxid, bytes);
      this.#lastCommitted = zxid;
    }
    replica.commitThrough(this.#lastCommitted);
    this.#syncs.committed(this.#lastCommitted);
  }

  // ---- syncs of clients, and pings

  /**
   * Calls `done` when two conditions hold (C-1 ZK-2136, ZK-3600). All proposals made so far are committed, and a quorum
   * has confirmed that this server still leads.
   */
  sync(done: () => void): void {
    this.#syncs.add(this.#lastProposed, this.#lastCommitted, done);
    if (this.#isPingDue) return;
    this.#isPingDue = true;
    this.#context.nextTurn(() => {
      this.#isPingDue = false;
      this.#context.replica.event(() => this.ping());
    });
  }

  ping(): void {
    const round = this.#syncs.nextRound();
    // learners that do not serve yet do not answer pings, so they get none
    for (const learner of this.#learners.inStage('serving')) learner.ping(round, this.#lastProposed);
    this.#syncs.confirmed();
  }

  /** Called when a learner has answered a ping. */
  ponged(): void {
    this.#syncs.confirmed();
  }

  #isConfirmed(round: number): boolean {
    const confirming = new Set([this.#context.myId]);
    for (const { serverId, isObserver, answeredRound } of this.#learners.inStage('serving')) {
      if (!isObserver && answeredRound >= round) confirming.add(serverId);
    }
    return this.#context.config.isQuorum(confirming);
  }
}
