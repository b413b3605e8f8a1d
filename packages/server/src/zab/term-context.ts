import type { Logger } from '../log/logger.js';
import type { ActiveConfig } from '../membership/index.js';
import type { Epochs } from './epochs.js';
import type { Replica } from './replica.js';
import type { SyncOptions } from './sync-policy.js';

/** What a server gives to its leader or learner for one term. */
export interface TermContext {
  readonly myId: number;
  readonly tickTimeMs: number;
  /** Limit for discovery and synchronisation, in ticks. */
  readonly initLimit: number;
  /** Limit for silence and for owed acknowledgements after the synchronisation, in ticks. */
  readonly syncLimit: number;
  /** Limit for connecting to the leader, in ticks. */
  readonly connectLimit: number;
  /**
   * How long a leader waits for its epoch (`leader.maxTimeToWaitForEpoch`, spec 4.7.14). After this time, it resigns if
   * a voter looks for another leader. If the value is negative, the leader waits as long as initLimit allows.
   */
  readonly epochWaitMs: number;
  readonly sync: SyncOptions;
  /** The ensemble's configuration. It may change during a term. */
  readonly config: ActiveConfig;
  readonly replica: Replica;
  readonly epochs: Epochs;
  /**
   * An epoch that a member has accepted and that is later than the epoch in which this server last led; 0 if there is
   * none.
   */
  readonly epochElsewhere: number;
  /** The `peerEpoch` of the vote that has elected the leader. */
  readonly votedEpoch: number;
  readonly logger: Logger;
  readonly nowMs: () => number;
  readonly nextTurn: (work: () => void) => void;
  /** Called when a quorum follows the leader. From then on, this server's votes carry the new epoch. */
  readonly established: (epoch: number) => void;
  /** Called when a member has accepted an epoch that is later than the epoch of the present term. */
  readonly epochFoundElsewhere: (epoch: number) => void;
  /**
   * Handles the leader's configuration, which may be newer than this server's. Returns false if the configuration
   * changes the role of this server.
   */
  readonly configured: (text: string) => boolean;
  /** Called when the term is over for this server. */
  readonly lost: (reason: string) => void;
}
