import { LoggedDifference } from './logged-difference.js';
import type { Replica } from './replica.js';
import { planSync, type SyncPlan } from './sync-plan.js';

export interface SyncOptions {
  /** Learners get a snapshot whatever they lack (`forceSnapshotSync`). */
  readonly forcesSnapshots: boolean;
  /** Learners that are sent a snapshot, or a difference, at one time; voters are not turned away (inventory 4.7.13). */
  readonly snapshotsMax: number;
  readonly differencesMax: number;
}

export type SyncKind = 'diff' | 'snap';

/** How a leader brings its learners up to date, and how many of them at a time. */
export class SyncPolicy {
  readonly #options: SyncOptions;
  readonly #replica: Replica;
  readonly #inProgress: Record<SyncKind, number> = { diff: 0, snap: 0 };
  /** Servers that the logs had a beginning for, and no end. */
  readonly #needSnapshot = new Set<number>();

  constructor(options: SyncOptions, replica: Replica) {
    this.#options = options;
    this.#replica = replica;
  }

  /** `peerZxid`: the last transaction that this server has. */
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

  /** The reason why a learner has to come again later; undefined: it need not. Voters are never refused. */
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

  /** What this server lacks could not be read from the logs to the end. */
  logsFailed(serverId: number): void {
    this.#needSnapshot.add(serverId);
  }
}
