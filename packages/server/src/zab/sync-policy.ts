import { LoggedDifference } from './logged-difference.js';
import type { Replica } from './replica.js';
import { planSync, type SyncPlan } from './sync-plan.js';

export interface SyncOptions {
  /** If true, every learner gets a snapshot (`forceSnapshotSync`). */
  readonly forcesSnapshots: boolean;
  /** How many learners may receive a snapshot at the same time. The limit refuses only observers (spec 4.7.13). */
  readonly snapshotsMax: number;
  /** How many learners may receive a difference at the same time. The limit refuses only observers (spec 4.7.13). */
  readonly differencesMax: number;
}

export type SyncKind = 'diff' | 'snap';

/** Decides how a leader synchronises its learners, and how many of them at the same time. */
export class SyncPolicy {
  readonly #options: SyncOptions;
  readonly #replica: Replica;
  readonly #inProgress: Record<SyncKind, number> = { diff: 0, snap: 0 };
  /** Learners whose synchronisation from the logs failed. Each of them gets a snapshot when it connects again. */
  readonly #needSnapshot = new Set<number>();

  constructor(options: SyncOptions, replica: Replica) {
    this.#options = options;
    this.#replica = replica;
  }

  /** Chooses how to synchronise a learner. `peerZxid` is the zxid of the learner's last transaction. */
  plan(serverId: number, peerZxid: number): SyncPlan {
    if (this.#options.forcesSnapshots || this.#needSnapshot.delete(serverId)) return { kind: 'snap' };
    const { history, lastZxid } = this.#replica;
    return planSync(peerZxid, lastZxid, history, () => this.#loggedDifference(peerZxid));
  }

  #loggedDifference(zxid: number): LoggedDifference | undefined {
    const logged = this.#replica.loggedFrom(zxid);
    if (logged === undefined) return undefined;
    return new LoggedDifference(logged.walk, zxid, this.#replica.history.toArray(), logged.bytesMax);
  }

  /**
   * Returns the reason why a learner must connect again later; undefined if the synchronisation may start now. The
   * leader never refuses a follower.
   */
  refusal(isObserver: boolean, kind: SyncKind): string | undefined {
    const { snapshotsMax, differencesMax } = this.#options;
    const max = kind === 'snap' ? snapshotsMax : differencesMax;
    if (!isObserver || this.#inProgress[kind] < max) return undefined;
    const option = kind === 'snap' ? 'leader.maxConcurrentSnapSyncs' : 'leader.maxConcurrentDiffSyncs';
    return `${this.#inProgress[kind]} learners are being synchronised already (${option}=${max}): it has to wait`;
  }

  begins(kind: SyncKind): void {
    this.#inProgress[kind]++;
    this.#replica.meter.synchronising(kind, false);
  }

  over(kind: SyncKind): void {
    this.#inProgress[kind]--;
    this.#replica.meter.synchronising(kind, true);
  }

  /** Called when the logs could not be read to the end for this learner. */
  logsFailed(serverId: number): void {
    this.#needSnapshot.add(serverId);
  }
}
