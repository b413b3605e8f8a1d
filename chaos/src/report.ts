import type { Violation } from './checks/violation.js';
import type { History } from './history/history.js';
import { now, seconds } from './time.js';

const violationsShown = 5;

/** Prints the progress and the result. Like the history, the report counts time from the start of the process. */
export class Report {
  #total = 0;
  #reportedMs = now();

  constructor(private readonly history: History) {}

  say(line: string): void {
    console.log(`${(now() / 1000).toFixed(1).padStart(7)} s  ${line}`);
  }

  /** Prints the number of operations per second since the last call, and the leader. */
  throughput(leader: number | undefined): void {
    const { total } = this.history;
    const rate = Math.round(((total - this.#total) * 1000) / (now() - this.#reportedMs));
    this.#total = total;
    this.#reportedMs = now();
    this.say(`  ${rate} operations/s, ${leader === undefined ? 'no leader' : `leader ${leader}`}`);
  }

  /**
   * Prints the violation. `before` is the number of violations reported before it. After the first few, violations are
   * only counted.
   */
  violation({ what, evidence }: Violation, before: number): void {
    if (before > violationsShown) return;
    this.say(before === violationsShown ? 'VIOLATION: there are more; they are only counted' : `VIOLATION: ${what}`);
    if (before < violationsShown) for (const line of evidence) console.log(`             ${line}`);
  }

  summary(lines: readonly string[]): void {
    const { history } = this;
    const kinds = [...history.counts].sort().map(([name, count]) => `${name} ${count}`);
    console.log('');
    console.log(`operations   ${history.total}: ${kinds.join(', ')}`);
    console.log(`gap          ${seconds(history.longestGapMs)} at most without a successful write`);
    for (const line of lines) console.log(line);
  }
}
