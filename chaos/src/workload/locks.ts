import { ZooKeeperError } from '@nodekeeper/client';
import type { Random } from '../random.js';
import { now, sleep } from '../time.js';
import type { Party } from './party.js';

export const lockFolder = '/chaos/locks';

/** An ephemeral sequential node whose creation was acknowledged. */
export interface LockNode {
  readonly path: string;
  readonly session: string;
  readonly owner: string;
  readonly czxid: number;
}

/** The children of the lock folder that a client saw after a sync. */
export interface LockListing {
  readonly client: string;
  readonly names: readonly string[];
  readonly invokedMs: number;
}

/** What all lock clients created and saw, for the checks after the run. */
export class LockRecord {
  readonly created: LockNode[] = [];
  readonly listings: LockListing[] = [];
}

/**
 * Creates an ephemeral sequential node, lists the lock folder, and usually deletes the node. Sometimes the client
 * closes its session, so that the server must delete the session's nodes.
 */
export class LockWork {
  constructor(
    private readonly party: Party,
    private readonly record: LockRecord,
    private readonly random: Random,
  ) {}

  async once(): Promise<void> {
    try {
      const path = await this.#enter();
      await this.#look();
      await sleep(this.random.below(30));
      if (this.random.chance(70)) await this.party.zk.delete(path);
      if (this.random.chance(4)) await this.party.close();
    } catch (error) {
      if (!ZooKeeperError.is(error)) throw error;
    }
  }

  async #enter(): Promise<string> {
    const { session } = this.party.who;
    const { path, stat } = await this.party.zk.create(`${lockFolder}/lock-`, this.party.name, {
      mode: 'EPHEMERAL_SEQUENTIAL',
    });
    const owner = `0x${stat.ephemeralOwner.toString(16)}`;
    this.record.created.push({ path, session, owner, czxid: Number(stat.czxid) });
    return path;
  }

  async #look(): Promise<void> {
    const invokedMs = now();
    const synced = this.party.zk.sync(lockFolder);
    const listed = this.party.zk.children(lockFolder);
    listed.catch(() => {});
    await synced;
    const { children } = await listed;
    this.record.listings.push({ client: this.party.name, names: children, invokedMs });
  }
}
