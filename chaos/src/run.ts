import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkAbsence } from './checks/absence.js';
import { Digests } from './checks/digests.js';
import { checkLocks } from './checks/ephemerals.js';
import { checkOneHistory } from './checks/one-history.js';
import { checkRegister } from './checks/registers.js';
import { type Violation, violation } from './checks/violation.js';
import { ZxidOrder } from './checks/zxid-order.js';
import { Ensemble } from './ensemble/ensemble.js';
import type { Member } from './ensemble/member.js';
import { canBeFilled, chooseSpace } from './ensemble/space.js';
import { recoveryLimitMs, Storm } from './faults/storm.js';
import { faultsOf } from './faults/table.js';
import { FinalState } from './final-state.js';
import { History } from './history/history.js';
import type { Options } from './options.js';
import { Random } from './random.js';
import { Report } from './report.js';
import { now, seconds, sleep } from './time.js';
import { Workload } from './workload/workload.js';

const reportEveryMs = 5_000;
/**
 * The time after which all requests for a node are finished, counted from the moment when the clients stop using it.
 * Each request then has a reply or was given up.
 */
const settledMs = 20_000;
const startLimitMs = 60_000;

/** One run: it starts an ensemble, clients and faults, and checks all rules. */
export class Run {
  readonly directory = mkdtempSync(join(tmpdir(), 'nodekeeper-chaos-'));
  readonly violations: Violation[] = [];
  readonly report: Report;
  readonly #options: Options;
  readonly #history = new History(join(this.directory, 'history.jsonl'));
  readonly #digests = new Digests();
  #ensemble!: Ensemble;
  #workload!: Workload;
  #storm!: Storm;
  readonly #badKeys = new Set<string>();
  #undecided = 0;
  #isOver = false;

  constructor(options: Options) {
    this.#options = options;
    this.report = new Report(this.#history);
  }

  /** Performs the run. Returns true if no rule was broken. */
  async run(): Promise<boolean> {
    await this.#make();
    try {
      this.#ensemble.start();
      if (await this.#workload.prepare(startLimitMs)) await this.#weather();
      else this.#found(violation(`No ensemble ${seconds(startLimitMs)} after the start`));
    } catch (error) {
      this.#found(violation('The run itself failed', String((error as Error).stack)));
    }
    this.#isOver = true;
    const hasPassed = this.violations.length === 0;
    const isKept = this.#options.keep || !hasPassed;
    await this.#ensemble.end(isKept);
    this.#history.close();
    this.#summarise();
    if (isKept) this.#tellFiles();
    else rmSync(this.directory, { recursive: true, force: true });
    return hasPassed;
  }

  async #make(): Promise<void> {
    const { servers, seed, groups } = this.#options;
    const spaceKind = chooseSpace(groups.includes('disk'));
    const isFillable = canBeFilled(spaceKind);
    if (groups.includes('disk')) {
      const means = isFillable ? `by ${spaceKind.name}` : 'SKIPPED: neither mount nor prlimit can be used here';
      this.report.say(`Full disks: ${means}`);
    }
    const endedByItself = (member: Member, how: string) => this.#endedByItself(member, how);
    const random = new Random(seed);
    this.#ensemble = await Ensemble.make({ size: servers, directory: this.directory, spaceKind, endedByItself });
    this.#workload = new Workload(this.#ensemble.hosts, this.#history, random.below(2 ** 31));
    this.#storm = new Storm({
      ensemble: this.#ensemble,
      history: this.#history,
      kinds: faultsOf(groups.filter((group) => group !== 'disk' || isFillable)),
      random,
      calm: (forMs) => this.#workload.calm(forMs),
      say: (line) => this.report.say(line),
      found: (found) => this.#found(found),
    });
  }

  #endedByItself(member: Member, how: string): void {
    if (this.#isOver) return;
    const lines = member.log().trimEnd().split('\n').slice(-5);
    this.#found(violation(`Server ${member.id} ended by itself: ${how}`, ...lines));
  }

  #found(found: Violation): void {
    this.report.violation(found, this.violations.length);
    this.violations.push(found);
  }

  /**
   * Injects faults while clients work. Stops at the first violation, so that the logs and files show the state at that
   * time.
   */
  async #weather(): Promise<void> {
    const endMs = now() + this.#options.minutes * 60_000;
    const isOver = () => now() >= endMs || this.violations.length > 0;
    this.#workload.start();
    this.#history.countGaps();
    const watching = this.#watch(isOver);
    await this.#storm.run(isOver);
    await watching;
    this.#history.stopCountingGaps();
    this.#ensemble.heal();
    await this.#workload.stop();
    await this.#workload.close();
    if (this.violations.length === 0) {
      this.report.say('The faults are over; reading the final state of every server');
      const final = new FinalState(this.#ensemble, this.#history, this.#digests);
      for (const found of await final.check()) this.#found(found);
    }
    this.#checkAll();
  }

  async #watch(isOver: () => boolean): Promise<void> {
    let reportMs = now();
    while (!isOver()) {
      await sleep(200);
      if (now() - reportMs < reportEveryMs) continue;
      reportMs = now();
      this.report.throughput((await this.#ensemble.leader())?.id);
      for (const member of this.#ensemble.members) {
        this.#digests.add(`server ${member.id}`, (await member.word('hash')) ?? '');
      }
      for (const problem of this.#workload.problems) this.#found(violation('A session ended unexpectedly', problem));
      for (const key of this.#workload.keys.takeRetired(now() - settledMs)) this.#checkRegister(key);
    }
  }

  #checkRegister(key: string): void {
    if (this.#badKeys.has(key)) return;
    const { violation: found, isUndecided } = checkRegister(key, this.#history.byKey.get(key) ?? []);
    if (found !== undefined) {
      this.#badKeys.add(key);
      this.#found(found);
    }
    if (isUndecided) this.#undecided++;
  }

  #checkAll(): void {
    this.#undecided = 0;
    const locks = this.#workload.locks;
    const ended = this.#workload.parties.flatMap((party) => party.ended);
    for (const [key, operations] of this.#history.byKey) {
      this.#checkRegister(key);
      for (const found of [...checkOneHistory(operations), ...checkAbsence(operations)]) this.#found(found);
    }
    for (const found of new ZxidOrder([...this.#history.byKey.values()].flat()).check()) this.#found(found);
    for (const found of checkLocks(locks.created, locks.listings, ended)) this.#found(found);
    for (const found of this.#digests.violations) this.#found(found);
  }

  #summarise(): void {
    const { servers, seed, minutes, groups } = this.#options;
    const { locks } = this.#workload;
    this.report.summary([
      `faults       ${[...this.#storm.counts].map(([group, count]) => `${group} ${count}`).join(', ') || 'none'}`,
      `recovery     ${seconds(this.#storm.longestRecoveryMs)} at most from the end of faults to a write (limit ${seconds(recoveryLimitMs)})`,
      `locks        ${locks.created.length} ephemeral sequential nodes, ${locks.listings.length} listings`,
      `sessions     ${this.#workload.parties.reduce((sum, { ended }) => sum + ended.length, 0)} ended`,
      `digests      ${this.#digests.agreements(servers)} zxids compared on all servers`,
      ...(this.#undecided === 0 ? [] : [`undecided    ${this.#undecided} nodes: too many possible orders to search`]),
    ]);
    const again = `npm run chaos -- --minutes ${minutes} --servers ${servers} --seed ${seed} --faults ${groups.join(',')}`;
    if (this.violations.length === 0) console.log(`PASSED (seed ${seed})`);
    else console.log(`FAILED: ${this.violations.length} violations (seed ${seed}; reproduce: ${again})`);
  }

  #tellFiles(): void {
    console.log(`history: ${join(this.directory, 'history.jsonl')}`);
    for (const { id, logPath, directory } of this.#ensemble.members) {
      console.log(`server ${id}: ${logPath}, data in ${join(directory, 'kept-data')}`);
    }
  }
}
