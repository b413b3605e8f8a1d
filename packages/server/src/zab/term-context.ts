import type { Logger } from '../log/logger.js';
import type { ActiveConfig } from '../membership/index.js';
import type { Epochs } from './epochs.js';
import type { Replica } from './replica.js';
import type { SyncOptions } from './sync-policy.js';

/** The interface of the server for its leader or learner. */
export interface TermContext {
  readonly myId: number;
  readonly tickTimeMs: number;
  /** In ticks. */
  readonly initLimit: number;
  readonly syncLimit: number;
  readonly connectLimit: number;
  /**
   * After this time, a leader that still waits for an epoch resigns when a voter looks for another leader. If negative,
   * the leader waits for initLimit (`leader.maxTimeToWaitForEpoch`, spec 4.7.14).
   */
  readonly epochWaitMs: number;
  readonly sync: SyncOptions;
  /** It may change within a term. */
  readonly config: ActiveConfig;
  readonly replica: Replica;
  readonly epochs: Epochs;
  /** The later epoch that a member had accepted during an earlier term of this server; 0: none. */
  readonly epochElsewhere: number;
  /** The epoch of the leader's history, according to the votes. */
  readonly votedEpoch: number;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly nextTurn: (work: () => void) => void;
  /** A quorum follows the leader: votes carry the new epoch from now on. */
  readonly established: (epoch: number) => void;
  /** A member has accepted this epoch, which is later than the epoch of the term. */
  readonly epochFoundElsewhere: (epoch: number) => void;
  /** The leader has sent its configuration, which may be newer. Returns false if this server has another role in it. */
  readonly configured: (text: string) => boolean;
  /** The term is over for this server. */
  readonly lost: (reason: string) => void;
}
