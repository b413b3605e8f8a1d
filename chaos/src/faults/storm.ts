import { type Violation, violation } from '../checks/violation.js';
import type { Ensemble } from '../ensemble/ensemble.js';
import type { History } from '../history/history.js';
import type { Random } from '../random.js';
import { now, seconds, sleep, until } from '../time.js';
import type { Fault, FaultKind } from './fault.js';

/**
 * The longest time that may pass from the end of a fault until a client's write succeeds. Only writes that begin after
 * the fault count.
 */
export const recoveryLimitMs = 30_000;

/**
 * Half the length of a phase in which clients only read. In the first half, the writes in flight get their replies. The
 * fault starts at the beginning of the second half.
 */
const calmMs = 150;

interface StormOptions {
  readonly ensemble: Ensemble;
  readonly history: History;
  readonly kinds: readonly FaultKind[];
  readonly random: Random;
  /** Stops all clients from writing for `forMs`. The readers continue. */
  readonly calm: (forMs: number) => void;
  readonly say: (line: string) => void;
  readonly found: (violation: Violation) => void;
}

/**
 * Starts one or two faults at the same time, again and again. After each such round it checks that the ensemble
 * recovers.
 */
export class Storm {
  readonly counts = new Map<string, number>();
  longestRecoveryMs = 0;
  readonly #options: StormOptions;

  constructor(options: StormOptions) {
    this.#options = options;
  }

  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await sleep(this.#options.random.between(300, 2_500));
      await this.#round(this.#options.random.chance(30) ? 2 : 1);
    }
  }

  async #round(count: number): Promise<void> {
    const { ensemble, random, calm } = this.#options;
    const leader = await ensemble.leader();
    const faults: Promise<void>[] = [];
    let free = [...ensemble.members];
    if (random.chance(40)) {
      // stop all writes: after a pause, a leader that has only reads to answer notices a new leader later than one that
      // has writes
      calm(2 * calmMs);
      await sleep(calmMs);
    }
    for (let index = 0; index < count && free.length > 0; index++) {
      const kind = random.weighted(this.#options.kinds);
      const fault = kind.make({ ensemble, random, leader, free });
      if (fault === undefined) continue;
      free = free.filter((member) => !fault.members.includes(member));
      this.counts.set(kind.group, (this.counts.get(kind.group) ?? 0) + 1);
      faults.push(this.#one(fault, random.between(...kind.lastsMs)));
      await sleep(random.below(500));
    }
    await Promise.all(faults);
    if (faults.length > 0) await this.#recover();
  }

  async #one(fault: Fault, lastsMs: number): Promise<void> {
    const { say, found } = this.#options;
    say(`${fault.what} (${seconds(lastsMs)})`);
    await fault.begin();
    await sleep(lastsMs);
    const wrong = await fault.end();
    if (wrong !== undefined) found(violation(wrong));
  }

  async #recover(): Promise<void> {
    const { ensemble, history, say, found } = this.#options;
    ensemble.heal();
    const healedMs = now();
    if (await until(() => history.lastWriteInvokedMs > healedMs, recoveryLimitMs, 10)) {
      const tookMs = history.lastWriteMs - healedMs;
      this.longestRecoveryMs = Math.max(this.longestRecoveryMs, tookMs);
      say(`  healed; a write succeeded after ${seconds(tookMs)}`);
      return;
    }
    const states = await Promise.all(
      ensemble.members.map(async (member) => `server ${member.id}: ${(await member.mode()) ?? 'does not serve'}`),
    );
    found(violation(`No write succeeded within ${seconds(recoveryLimitMs)} after the faults ended`, ...states));
  }
}
