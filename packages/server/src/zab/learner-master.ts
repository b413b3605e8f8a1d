import type { Id } from '@nodekeeper/protocol';
import type { OwedAcknowledgement } from './owed-acknowledgement.js';
import type { ForwardedRequest, LearnerInfo, SessionTouch } from './packets.js';
import type { Replica } from './replica.js';
import type { SyncPolicy } from './sync-policy.js';

/** The stages of a learner that joins the ensemble (spec 4.4). */
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

/** A connected learner, as its master sees it. */
export interface ConnectedLearner {
  readonly stage: LearnerStage;
  /** -1 until the learner has sent its id. */
  readonly serverId: number;
  readonly isObserver: boolean;
  /** The last zxid that the learner has reported. */
  readonly lastZxid: number;
  readonly lastHeardMs: number;
  /** The last round of pings that the learner has answered. */
  readonly answeredRound: number;
  readonly owed: OwedAcknowledgement;
  /** True while the master sends proposals and commits to this learner. */
  isForwardedTo: boolean;

  /** Sends the chosen epoch to the learner. */
  offerEpoch(epoch: number): void;
  /** Synchronises the learner with the master's history. */
  synchronise(): void;
  /** A quorum has the master's history: the learner may serve. */
  upToDate(): void;
  propose(zxid: number, packet: Buffer, nowMs: number): void;
  ping(round: number, zxid: number): void;
  send(packet: Buffer): void;
  close(reason: string): void;
}

/**
 * The server that learners connect to, as the handler of each connection sees it. Only the leader is a master so far.
 * An observer that accepts other observers would be another one.
 */
export interface LearnerMaster {
  readonly replica: Pick<Replica, 'event' | 'lastZxid' | 'history' | 'snapshot'>;
  readonly syncPolicy: SyncPolicy;
  /** The configuration that NEWLEADER carries to learners. */
  readonly configText: string;
  /** The first zxid of the epoch, with the counter 0. */
  readonly epochZxid: number;
  /** The last zxid that was proposed in this epoch; `epochZxid` before the first proposal. */
  readonly proposedMax: number;

  nowMs(): number;
  nextTurn(work: () => void): void;

  /** Returns why the master refuses a learner with this info; undefined if the master admits it. */
  refusalOf(info: LearnerInfo, acceptedEpoch: number): string | undefined;
  registered(learner: ConnectedLearner, acceptedEpoch: number): void;
  /** `currentEpoch` is -1 from a learner that had accepted this epoch before. */
  epochAcknowledged(learner: ConnectedLearner, currentEpoch: number): void;
  /** The synchronisation of this learner is computed: from here on it gets every proposal and commit. */
  startForwarding(learner: ConnectedLearner): void;
  /** The learner has acknowledged NEWLEADER: the master's history is durable on its disk. */
  synced(learner: ConnectedLearner): void;
  /** The learner has logged all proposals up to this one. */
  acked(learner: ConnectedLearner, zxid: number): void;
  /** The learner has answered a ping. The answer names the sessions that its clients have used. */
  ponged(touches: readonly SessionTouch[]): void;
  requested(learner: ConnectedLearner, request: ForwardedRequest, ids: readonly Id[]): void;
  /** Answers whether this session may continue at the learner. */
  revalidate(touch: SessionTouch, learner: ConnectedLearner, answer: (isValid: boolean) => void): void;
  learnerGone(learner: ConnectedLearner): void;
}
