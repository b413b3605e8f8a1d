import { zxidCounter, zxidHex } from '@nodekeeper/protocol';
import { type DurableState, durableState } from '../../src/testing/durable-state.js';
import type { TestEnsemble, TestMember } from '../support/test-ensemble.js';

/** Collects lines in the order of the events, with lines for the time that passes between events. */
export class Trace {
  readonly #ensemble: TestEnsemble;
  readonly #watches: readonly MemberWatch[];
  #lines: string[] = [];
  #lastMs = 0;

  constructor(ensemble: TestEnsemble) {
    this.#ensemble = ensemble;
    this.#watches = ensemble.members.map((member) => new MemberWatch(member));
    ensemble.onStep = () => this.#observe();
  }

  /** Adds a line. First adds a line for each change of a server since the previous line. */
  add(line: string): void {
    this.#observe();
    this.#push(line);
  }

  /** Adds the line for a server that has just been started. */
  started(id: number): void {
    this.#push(this.#watches[id - 1]!.begin());
  }

  /** Returns all lines that were added since the last call. */
  take(): string[] {
    this.#observe();
    this.#addTime();
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  #observe(): void {
    for (const watch of this.#watches) for (const line of watch.changes()) this.#push(line);
  }

  #push(line: string): void {
    this.#addTime();
    this.#lines.push(line);
  }

  #addTime(): void {
    const { nowMs } = this.#ensemble;
    if (nowMs > this.#lastMs) this.#lines.push(`+${nowMs - this.#lastMs}ms`);
    this.#lastMs = nowMs;
  }
}

/** Finds what has changed in a server's disk, role and applied zxid since the last call of `changes`. */
class MemberWatch {
  readonly #member: TestMember;
  #durable: DurableState = { lastZxid: 0, snapshotZxid: 0, currentEpoch: 0, acceptedEpoch: 0 };
  #diskSteps = 0;
  #role = '';
  #appliedZxid = 0;
  #isBegun = false;

  constructor(member: TestMember) {
    this.#member = member;
  }

  begin(): string {
    const { name, disk, replica } = this.#member;
    this.#durable = durableState(disk);
    this.#diskSteps = disk.steps;
    this.#role = '';
    this.#appliedZxid = replica.lastZxid;
    this.#isBegun = true;
    const { acceptedEpoch, currentEpoch } = this.#durable;
    return `${name} starts: acceptedEpoch=${acceptedEpoch} currentEpoch=${currentEpoch} zxid=${zxidHex(replica.lastZxid)}`;
  }

  changes(): string[] {
    if (!this.#member.isUp) this.#isBegun = false;
    if (!this.#isBegun) return [];
    return [...this.#roleChanges(), ...this.#diskChanges(), ...this.#appliedChanges()].map(
      (change) => `${this.#member.name} ${change}`,
    );
  }

  #roleChanges(): string[] {
    const role = roleOf(this.#member) ?? this.#role;
    if (role === this.#role) return [];
    this.#role = role;
    return [role];
  }

  #diskChanges(): string[] {
    const { disk } = this.#member;
    if (disk.steps === this.#diskSteps) return [];
    this.#diskSteps = disk.steps;
    const before = this.#durable;
    const now = durableState(disk);
    this.#durable = now;
    const lines: string[] = [];
    if (now.snapshotZxid > before.snapshotZxid) lines.push(`snapshot ${zxidHex(now.snapshotZxid)} is durable`);
    if (now.lastZxid < before.lastZxid) lines.push(`log is cut to ${zxidHex(now.lastZxid)}`);
    if (now.lastZxid > Math.max(before.lastZxid, now.snapshotZxid)) {
      lines.push(`log is durable to ${zxidHex(now.lastZxid)}`);
    }
    for (const name of ['acceptedEpoch', 'currentEpoch'] as const) {
      if (now[name] !== before[name]) lines.push(`${name}=${now[name]} is durable`);
    }
    return lines;
  }

  /**
   * Returns a line for a change of the applied zxid. Returns no line for a zxid with the counter 0, because such a zxid
   * only begins an epoch and belongs to no transaction.
   */
  #appliedChanges(): string[] {
    const { lastZxid } = this.#member.replica;
    if (lastZxid === this.#appliedZxid) return [];
    this.#appliedZxid = lastZxid;
    return zxidCounter(lastZxid) === 0 ? [] : [`has applied ${zxidHex(lastZxid)}`];
  }
}

/** The phases of the Zab paper, by the stage of a learner. */
const phases = {
  connecting: 'discovery',
  registering: 'discovery',
  choosing: 'discovery',
  syncing: 'synchronisation',
  persisting: 'synchronisation',
  ready: 'synchronisation',
  serving: 'broadcast',
} as const;

/** Describes the role of a server, for example `FOLLOWING s3 (discovery)`. Returns undefined between two roles. */
export function roleOf({ peer }: TestMember): string | undefined {
  const { state, leader, learner } = peer;
  if (state === 'looking') return 'LOOKING';
  if (leader !== undefined) return leader.phase === 'over' ? undefined : `LEADING (${leader.phase})`;
  if (learner === undefined || learner.stage === 'over') return undefined;
  return `${state.toUpperCase()} s${learner.leaderId} (${phases[learner.stage]})`;
}
