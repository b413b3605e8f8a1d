import type { Logger } from '../log/logger.js';
import type { ActiveConfig } from '../membership/index.js';
import type { Epochs } from './epochs.js';
import type { Replica } from './replica.js';
import type { SyncOptions } from './sync-policy.js';

/** What a role needs of its server. */
export interface TermContext {
  readonly myId: number;
  readonly tickTimeMs: number;
  /** In ticks. */
  readonly initLimit: number;
  readonly syncLimit: number;
  readonly connectLimit: number;
  /**
   * After so long a leader that waits for an epoch gives up when a voter looks for another; below 0 it waits for initLimit
   * (`leader.maxTimeToWaitForEpoch`, inventory 4.7.14).
   */
  readonly epochWaitMs: number;
  readonly sync: SyncOptions;
  /** Changes within a term. */
  readonly config: ActiveConfig;
  readonly replica: Replica;
  readonly epochs: Epochs;
  /** An epoch that a member has accepted which an earlier term of this server could not have; 0: none. */
  readonly epochElsewhere: number;
  /** The epoch of the history that the leader was elected with, as the votes say. */
  readonly votedEpoch: number;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly nextTurn: (work: () => void) => void;
  /** Leader and quorum have found each other; votes carry the new epoch from now on. */
  readonly established: (epoch: number) => void;
  /** A member has accepted this epoch, which is beyond that of the term. */
  readonly epochFoundElsewhere: (epoch: number) => void;
  /** The leader has told its configuration, which may be newer than ours. False: this server has another role in it. */
  readonly configured: (text: string) => boolean;
  /** The term is over for this server. */
  readonly lost: (reason: string) => void;
}
