import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { configFile, type MemberPlan } from './member-files.js';

const main = fileURLToPath(new URL('../main.js', import.meta.url));
const patienceMs = 10_000;

/** A server of a local ensemble, which runs in a separate process. */
export class MemberProcess {
  readonly plan: MemberPlan;
  readonly #options: readonly string[];
  readonly #print: (line: string) => void;
  readonly #ended: (how: string) => void;
  #child: ChildProcess | undefined;
  #gone = Promise.resolve();

  /**
   * @param options additional arguments for `nodekeeper server`
   * @param print receives each line that the server logs
   * @param ended receives the reason when the process exits although `stop` was not called
   */
  constructor(
    plan: MemberPlan,
    options: readonly string[],
    print: (line: string) => void,
    ended: (how: string) => void,
  ) {
    this.plan = plan;
    this.#options = options;
    this.#print = print;
    this.#ended = ended;
  }

  /** The process id of the server; undefined while the server is not running. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when the most recently started process has exited. */
  get gone(): Promise<void> {
    return this.#gone;
  }

  /**
   * Starts the server in its own process group. Ctrl-C therefore reaches only this process, which then stops the
   * server. If this process exits, the server stops by itself.
   */
  start(): void {
    const child = fork(main, ['server', configFile(this.plan), '--with-parent', ...this.#options], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    for (const stream of [child.stdout!, child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => this.#print(line));
    }
    this.#gone = new Promise((gone) => {
      child.on('error', (error) => this.#print(error.message));
      child.on('close', (code, signal) => {
        const wasAsked = this.#child !== child;
        this.#child = undefined;
        if (!wasAsked) this.#ended(signal === null ? `exit code ${code}` : signal);
        gone();
      });
    });
  }

  /** Stops the server, and kills it if it has not exited after `patienceMs`. Resolves when the process has exited. */
  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    child?.kill('SIGTERM');
    const impatient = setTimeout(() => child?.kill('SIGKILL'), patienceMs);
    await this.#gone;
    clearTimeout(impatient);
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }
}
