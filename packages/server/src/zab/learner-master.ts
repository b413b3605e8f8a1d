import type { Id } from '@nodekeeper/protocol';
import type { OwedAcknowledgement } from './owed-acknowledgement.js';
import type { ForwardedRequest, LearnerInfo, SessionTouch } from './packets.js';
import type { Replica } from './replica.js';
import type { SyncPolicy } from './sync-policy.js';

/** The stages of a learner that joins the ensemble, as the leader sees them (spec 4.4). */
export type LearnerStage =
  | 'greeting'
  | 'registered'
  | 'offered'
  | 'acknowledged'
  | 'syncing'
  | 'newLeader'
  | 'synced'
  | 'serving'
  | 'gone';

/** A connected learner, as the leader sees it. */
export interface ConnectedLearner {
  readonly stage: LearnerStage;
  /** The learner's server id; -1 until the learner has sent it. */
  readonly serverId: number;
  readonly isObserver: boolean;
  /** The last zxid in the learner's log, as the learner has reported it in ACKEPOCH. */
  readonly lastZxid: number;
  readonly lastHeardMs: number;
  /** The number of the last ping round that the learner has answered. */
  readonly answeredRound: number;
  readonly owed: OwedAcknowledgement;
  /** True while the leader sends each new proposal and commit to this learner. */
  isForwardedTo: boolean;

  /** Sends the chosen epoch to the learner. */
  offerEpoch(epoch: number): void;
  /** Synchronises the learner with the leader's history. */
  synchronise(): void;
  /** Tells the learner that it may serve, because a quorum has the leader's history. */
  upToDate(): void;
  propose(zxid: number, packet: Buffer, nowMs: number): void;
  ping(round: number, zxid: number): void;
  send(packet: Buffer): void;
  close(reason: string): void;
}

/**
 * The leader, as the handler of each learner's connection uses it. The name is ZooKeeper's, where an observer can also
 * be the learner master of other observers.
 */
export interface LearnerMaster {
  readonly replica: Pick<Replica, 'event' | 'lastZxid' | 'history' | 'snapshot'>;
  readonly syncPolicy: SyncPolicy;
  /** The configuration that the leader sends in NEWLEADER. */
  readonly configText: string;
  /** The first zxid of the epoch, with the counter 0. */
  readonly epochZxid: number;
  /** The last zxid that was proposed in this epoch; equal to `epochZxid` before the first proposal. */
  readonly proposedMax: number;

  nowMs(): number;
  nextTurn(work: () => void): void;

  /**
   * Returns the reason why the leader refuses a learner that has sent this info; undefined if the leader admits the
   * learner.
   */
  refusalOf(info: LearnerInfo, acceptedEpoch: number): string | undefined;
  registered(learner: ConnectedLearner, acceptedEpoch: number): void;
  /**
   * The learner has acknowledged the epoch. `currentEpoch` is -1 if the learner had already accepted this epoch before.
   */
  epochAcknowledged(learner: ConnectedLearner, currentEpoch: number): void;
  /**
   * Called when the synchronisation of this learner is computed. From then on, the learner gets every proposal and
   * commit.
   */
  startForwarding(learner: ConnectedLearner): void;
  /** The learner has acknowledged NEWLEADER, so the leader's history is durable on the learner's disk. */
  synced(learner: ConnectedLearner): void;
  /** The learner has logged all proposals up to this zxid. */
  acked(learner: ConnectedLearner, zxid: number): void;
  /** The learner has answered a ping. `touches` lists the sessions that the learner's clients have used. */
  ponged(touches: readonly SessionTouch[]): void;
  requested(learner: ConnectedLearner, request: ForwardedRequest, ids: readonly Id[]): void;
  /** Calls `answer` with true if this session may continue on the learner. */
  revalidate(touch: SessionTouch, learner: ConnectedLearner, answer: (isValid: boolean) => void): void;
  learnerGone(learner: ConnectedLearner): void;
}
