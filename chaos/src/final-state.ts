import type { Digests } from './checks/digests.js';
import { type Violation, violation } from './checks/violation.js';
import type { Ensemble } from './ensemble/ensemble.js';
import type { Member } from './ensemble/member.js';
import type { History } from './history/history.js';
import { describe, type Operation } from './history/operations.js';
import { Random } from './random.js';
import { now, seconds, until } from './time.js';
import { Keys } from './workload/keys.js';
import { lockFolder } from './workload/locks.js';
import { Party } from './workload/party.js';
import { RegisterWork } from './workload/registers.js';
import { sessionTimeoutMs } from './workload/workload.js';

const servingLimitMs = 60_000;
const goneLimitMs = 4 * sessionTimeoutMs;
const readsAtOnce = 50;
/**
 * The number of writes after which each server has a new digest, because a server reports a digest for every 128th
 * zxid.
 */
const writesForDigest = 130;
const path = '/chaos/final';

/**
 * Reads the final state of every server and checks it. The clients of this class connect directly to the servers, so
 * network faults do not affect them.
 */
export class FinalState {
  readonly #parties = new Map<Member, Party>();

  constructor(
    private readonly ensemble: Ensemble,
    private readonly history: History,
    private readonly digests: Digests,
  ) {}

  async check(): Promise<Violation[]> {
    const silent = await this.#connect();
    if (silent.length > 0) return silent;
    try {
      return [...(await this.#checkEphemerals()), ...(await this.#readAll()), ...(await this.#compareDigests())];
    } finally {
      await Promise.all([...this.#parties.values()].map((party) => party.close()));
    }
  }

  /**
   * Connects a client to each server, and reports every server that does not serve clients. Then it writes a node
   * through each server.
   */
  async #connect(): Promise<Violation[]> {
    const violations: Violation[] = [];
    for (const member of this.ensemble.members) {
      const party = new Party(`final-${member.id}`, `127.0.0.1:${member.clientPort}`, sessionTimeoutMs);
      this.#parties.set(member, party);
      const hasServed = await party.ready(servingLimitMs);
      if (!hasServed) {
        violations.push(
          violation(`Server ${member.id} does not serve clients ${seconds(servingLimitMs)} after all faults ended`),
        );
      }
    }
    if (violations.length > 0) await Promise.all([...this.#parties.values()].map((party) => party.close()));
    else for (const { zk, name } of this.#parties.values()) await zk.createWithParents(`${path}/${name}`);
    return violations;
  }

  /** Checks that each server deletes all ephemeral nodes in time, now that the sessions that created them are over. */
  async #checkEphemerals(): Promise<Violation[]> {
    const violations: Violation[] = [];
    const startMs = now();
    for (const [member, { zk }] of this.#parties) {
      let left: string[] = [];
      const look = async () => {
        await zk.sync(lockFolder);
        left = (await zk.children(lockFolder)).children;
        return left.length === 0;
      };
      const areGone = await until(look, startMs + goneLimitMs - now(), 200);
      if (!areGone) {
        const what = `Server ${member.id} has ephemeral nodes ${seconds(now() - startMs)} after the last session ended`;
        violations.push(violation(what, ...left.slice(0, 20)));
      }
    }
    return violations;
  }

  /**
   * Reads all nodes on every server and compares the results. The reads also go into the history, so that later checks
   * find lost writes.
   */
  async #readAll(): Promise<Violation[]> {
    const keys = [...this.history.byKey.keys()];
    const reads = new Map<string, Operation[]>(keys.map((key) => [key, []]));
    for (const party of this.#parties.values()) {
      const work = new RegisterWork(party, this.history, new Keys(), new Random(0));
      for (let start = 0; start < keys.length; start += readsAtOnce) {
        const some = keys.slice(start, start + readsAtOnce);
        for (const read of await Promise.all(some.map((key) => work.syncAndRead(key)))) reads.get(read.key)!.push(read);
      }
    }
    return [...reads].flatMap(([key, operations]) => {
      const seen = new Set(operations.map((operation) => JSON.stringify(operation.seen)));
      return seen.size === 1 ? [] : [violation(`Servers differ in ${key}`, ...operations.map(describe))];
    });
  }

  async #compareDigests(): Promise<Violation[]> {
    const [writer] = this.#parties.values();
    const writes = Array.from({ length: writesForDigest }, (_, index) => writer!.zk.set(path, String(index)));
    await Promise.all(writes);
    for (const [member, { zk }] of this.#parties) {
      await zk.sync('/');
      this.digests.add(`server ${member.id}`, (await member.word('hash')) ?? '');
    }
    const isCompared = this.digests.agreements(this.ensemble.members.length) > 0;
    if (isCompared || this.digests.violations.length > 0) return [];
    return [violation('The digests of the servers cannot be compared: they have no zxid in common')];
  }
}
