import { type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';
import type { LocalEnsemble } from '@nodekeeper/server/local';
import type { TestClock } from './clock.js';
import { applyChanges, TreeSnapshot } from './tree-snapshot.js';

const attemptsMax = 10;
const followLimitMs = 5000;
/** The low 32 bits of a zxid count the transactions of an epoch. */
const firstOfEpoch = 2 ** 32;

/** Takes a snapshot of the tree, and restores it through a client of the super user. */
export class TreeKeeper {
  readonly #local: LocalEnsemble;
  readonly #clock: TestClock;
  readonly #connect: () => Promise<ZooKeeper>;
  #operator: Promise<ZooKeeper> | undefined;
  #snapshot: TreeSnapshot | undefined;

  /** @param connect connects a client of the super user */
  constructor(local: LocalEnsemble, clock: TestClock, connect: () => Promise<ZooKeeper>) {
    this.#local = local;
    this.#clock = clock;
    this.#connect = connect;
  }

  get #tree() {
    return this.#local.leader!.database.tree;
  }

  /** A server must lead. The client connects already now, so that the first rollback is fast. */
  async snapshot(): Promise<void> {
    this.#operator ??= this.#connect();
    await this.#operator;
    this.#snapshot = new TreeSnapshot(this.#tree);
  }

  /** A server must lead. */
  async rollback(): Promise<void> {
    if (this.#snapshot === undefined) throw new Error('rollback: call snapshot() first');
    const operator = await this.#operator!;
    for (let attempt = 0; ; attempt++) {
      const changes = this.#snapshot.changesFor(this.#tree);
      if (changes === undefined) break;
      if (attempt === attemptsMax) {
        throw new Error('rollback: clients change the tree at the same time. Stop them first');
      }
      // if a client changes the tree at the same time, the next comparison finds what is left
      await this.#clock.until(applyChanges(operator, changes)).catch((error) => {
        if (!ZooKeeperError.is(error)) throw error;
      });
    }
    await this.#untilEqual();
  }

  /** Waits until the servers that serve clients have all transactions of the leader. */
  #untilEqual(): Promise<void> {
    const { lastZxid } = this.#tree;
    // a new leader has a higher zxid than its followers until its first transaction
    if (lastZxid % firstOfEpoch === 0) return Promise.resolve();
    const serving = this.#local.servers.filter((server) => server.isServing && !server.isPaused);
    const isEqual = () => serving.every((each) => !each.isServing || each.database.tree.lastZxid >= lastZxid);
    const what = 'rollback: a server does not follow the leader. Call heal() first';
    return this.#local.timeline.until(what, isEqual, followLimitMs);
  }
}
