import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Ensemble, installKazoo, kazooFolder, until } from '../peers/index.js';
import type { TreeContent } from './read-tree.js';

/** The report that load.py prints when it ends. */
interface Report {
  /**
   * Maps each parent path to the child names whose creation was acknowledged. The name of a child is a number:
   * /parent/1, /parent/2 and so on.
   */
  acknowledged: Record<string, number[]>;
  /** Maps each parent path to the last value of the parent whose write was acknowledged. */
  counters: Record<string, number>;
  failures: string[];
  longestGapS: number;
  looks: number[];
  problems: string[];
}

interface Progress {
  acked: number;
  /** The number of acknowledged writes of the writer that has the fewest. */
  least: number;
  /**
   * How often the slowest watchman has checked the ephemeral nodes. A watchman is a client that only makes such checks.
   */
  looks: number;
}

/** Kazoo clients in a separate process. Some write all the time, and all watch their sessions. */
export class KazooLoad {
  #progress: Progress = { acked: 0, least: 0, looks: 0 };
  #report: Report | undefined;
  #errors = '';
  #ending: string | undefined;

  private constructor(private readonly child: ChildProcess) {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const item = JSON.parse(line) as Progress | { report: Report };
      if ('report' in item) this.#report = item.report;
      else this.#progress = item;
    });
    child.stderr!.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    child.once('exit', (code, signal) => {
      this.#ending = String(code ?? signal);
    });
  }

  /** Starts the clients. Resolves when each writer has a few acknowledged writes. */
  static async start(ensemble: Ensemble, writers: number): Promise<KazooLoad> {
    const python = await installKazoo();
    const words = [join(kazooFolder, 'load.py'), ensemble.hosts, String(writers)];
    const child = spawn(python, words, { stdio: 'pipe', env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } });
    const killWithUs = () => child.kill('SIGKILL');
    process.once('exit', killWithUs);
    child.once('exit', () => process.off('exit', killWithUs));
    const load = new KazooLoad(child);
    try {
      await load.untilMore(5);
    } catch (error) {
      load.kill();
      throw error;
    }
    return load;
  }

  /** Waits until each writer has `writes` more acknowledged writes than at the time of the call. */
  async untilMore(writes: number): Promise<void> {
    const goal = this.#progress.least + writes;
    await this.#until(`${writes} more writes of each client`, () => this.#progress.least >= goal);
  }

  /** Waits until the watchmen, one at each server, have checked all ephemeral nodes once more. All servers must run. */
  async untilWatched(): Promise<void> {
    // the check in progress may have started before this call, so wait for the check after it
    const goal = this.#progress.looks + 2;
    await this.#until('a check of the ephemerals at each server', () => this.#progress.looks >= goal);
  }

  async #until(what: string, condition: () => boolean): Promise<void> {
    await until(what, () => this.#check() && condition()).catch((error) => {
      throw new Error(`${error.message}; it is at ${JSON.stringify(this.#progress)}`, { cause: error });
    });
  }

  #check(): true {
    if (this.#ending !== undefined) throw new Error(`the load ended with ${this.#ending}:\n${this.#errors}`);
    return true;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** Ends the load. Throws if a session was lost, or if an ephemeral node was ever missing. */
  async stop(): Promise<Report> {
    this.child.stdin!.end();
    // load.py closes its sessions after it has printed the report, so wait until the process ends
    await until('the load to end', () => this.#ending, 120_000);
    const report = this.#report;
    if (report === undefined) throw new Error(`the load ended with ${this.#ending} and no report:\n${this.#errors}`);
    if (report.problems.length > 0) throw new Error(`the clients report problems:\n${report.problems.join('\n')}`);
    return report;
  }
}

/**
 * If a client waits longer than this between two writes, a reply was lost. The session timeout of the clients is 40 s.
 */
const gapLimitS = 20;

/** Throws if an acknowledged write is missing in the tree, or if a client waited too long. Returns a summary. */
export function checkReport(report: Report, tree: TreeContent): string {
  const gap = `longest time without a write ${report.longestGapS.toFixed(1)} s`;
  if (report.longestGapS > gapLimitS) throw new Error(`writes: ${gap}; ${report.failures.join('; ')}`);
  return `${countAcknowledged(report, tree)} writes acknowledged and present, ${gap}`;
}

function countAcknowledged(report: Report, tree: TreeContent): number {
  let count = 0;
  for (const [parent, numbers] of Object.entries(report.acknowledged)) {
    const missing = numbers.filter((number) => tree.get(`${parent}/${number}`) !== String(number));
    if (missing.length > 0) throw new Error(`acknowledged and lost: ${missing.slice(0, 20)} of ${parent}`);
    const counter = Number(tree.get(parent));
    const acknowledged = report.counters[parent]!;
    if (!(counter >= acknowledged)) throw new Error(`${parent} is ${counter}, but ${acknowledged} was acknowledged`);
    count += numbers.length;
  }
  return count;
}
