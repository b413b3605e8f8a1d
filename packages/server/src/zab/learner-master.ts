import type { Id } from '@nodekeeper/protocol';
import type { OwedAcknowledgement } from './owed-acknowledgement.js';
import type { ForwardedRequest, LearnerInfo, SessionTouch } from './packets.js';
import type { Replica } from './replica.js';
import type { SyncPolicy } from './sync-policy.js';

/** How far a learner has come on its way into the ensemble (inventory 4.4). */
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
  /** -1 until the learner has said its id. */
  readonly serverId: number;
  readonly isObserver: boolean;
  /** The last transaction that the learner said it has. */
  readonly lastZxid: number;
  readonly lastHeardMs: number;
  /** The last round of pings that the learner has answered. */
  readonly answeredRound: number;
  readonly owed: OwedAcknowledgement;
  /** Proposals and commits go to this learner; its master decides from when on. */
  isForwardedTo: boolean;

  /** The epoch is chosen. */
  offerEpoch(epoch: number): void;
  /** Brings the learner to the master's history. */
  synchronise(): void;
  /** A quorum has the master's history: the learner may serve. */
  upToDate(): void;
  propose(zxid: number, packet: Buffer, nowMs: number): void;
  ping(round: number, zxid: number): void;
  send(packet: Buffer): void;
  close(reason: string): void;
}

/**
 * The server that learners learn from, as the handler of each connection sees it. The leader is the only one so far; an
 * observer that other observers learn from would be another.
 */
export interface LearnerMaster {
  readonly replica: Pick<Replica, 'event' | 'lastZxid' | 'history' | 'snapshot'>;
  readonly syncPolicy: SyncPolicy;
  /** The configuration that NEWLEADER carries to learners. */
  readonly configText: string;
  /** The zxid that the epoch begins with. */
  readonly epochZxid: number;
  /** The last zxid that was proposed in this epoch; `epochZxid` before the first proposal. */
  readonly proposedMax: number;

  nowMs(): number;
  nextTurn(work: () => void): void;

  /** The reason to refuse a learner that introduces itself so; undefined: it is admitted. */
  refusalOf(info: LearnerInfo, acceptedEpoch: number): string | undefined;
  registered(learner: ConnectedLearner, acceptedEpoch: number): void;
  /** `currentEpoch` is -1 from a learner that had accepted this epoch before. */
  epochAcknowledged(learner: ConnectedLearner, currentEpoch: number): void;
  /** The synchronisation of this learner is computed: all that follows is sent to it as well. */
  startForwarding(learner: ConnectedLearner): void;
  /** The learner has acknowledged NEWLEADER: it has the master's history, durably. */
  synced(learner: ConnectedLearner): void;
  /** The learner has logged all proposals up to this one. */
  acked(learner: ConnectedLearner, zxid: number): void;
  /** The learner has answered a ping, and names the sessions that were used. */
  ponged(touches: readonly SessionTouch[]): void;
  requested(learner: ConnectedLearner, request: ForwardedRequest, ids: readonly Id[]): void;
  /** Answers whether this session may continue at the learner. */
  revalidate(touch: SessionTouch, learner: ConnectedLearner, answer: (isValid: boolean) => void): void;
  learnerGone(learner: ConnectedLearner): void;
}
