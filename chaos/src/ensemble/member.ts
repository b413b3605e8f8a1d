import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fourLetterWord, nodekeeperBin } from '@nodekeeper/interop/peers';
import type { Space } from './space.js';

const alive = new Set<ChildProcess>();
process.on('exit', () => {
  // SIGKILL also ends processes that SIGSTOP has paused
  for (const child of alive) child.kill('SIGKILL');
});

interface MemberOptions {
  readonly id: number;
  /** The directory of zoo.cfg and server.log. The server's data is in `space`. */
  readonly directory: string;
  readonly space: Space;
  readonly clientPort: number;
  /** Called when the server ended although nothing had stopped it and its disk had space. */
  readonly endedByItself: (member: Member, how: string) => void;
  /** Called with true when the process was started, and with false when it has ended. */
  readonly upOrDown: (isUp: boolean) => void;
}

/** One server of the ensemble: a process that can be ended, and started again with the same files. */
export class Member {
  readonly id: number;
  readonly clientPort: number;
  readonly directory: string;
  readonly logPath: string;
  isPaused = false;
  isFull = false;
  readonly #options: MemberOptions;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #isToEnd = false;

  constructor(options: MemberOptions) {
    this.#options = options;
    this.id = options.id;
    this.clientPort = options.clientPort;
    this.directory = options.directory;
    this.logPath = join(options.directory, 'server.log');
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  configure(lines: Readonly<Record<string, string>>): void {
    const text = Object.entries(lines).map(([key, value]) => `${key}=${value}\n`);
    writeFileSync(join(this.directory, 'zoo.cfg'), text.join(''));
  }

  /** Starts the process. Does not wait until the server serves clients. */
  start(): void {
    if (this.#child !== undefined) return;
    const log = openSync(this.logPath, 'a');
    const child = spawn(process.execPath, [nodekeeperBin, 'server', join(this.directory, 'zoo.cfg')], {
      cwd: this.directory,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    alive.add(child);
    this.#child = child;
    this.#isToEnd = false;
    this.isPaused = false;
    this.#options.upOrDown(true);
    this.#ended = new Promise((resolve) => {
      child.once('error', () => resolve());
      child.once('exit', (code, signal) => {
        alive.delete(child);
        this.#child = undefined;
        this.#options.upOrDown(false);
        if (!this.#isToEnd && !this.isFull) this.#options.endedByItself(this, `${signal ?? `exit code ${code}`}`);
        resolve();
      });
    });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#isToEnd = true;
    this.#child?.kill(signal);
    await this.#ended;
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /**
   * Stops the server with SIGTERM, as an operator does. If the server still runs after 10 s, it is killed, and the
   * result is false.
   */
  async stop(): Promise<boolean> {
    let isPrompt = true;
    const child = this.#child;
    const timer = setTimeout(() => {
      isPrompt = false;
      child?.kill('SIGKILL');
    }, 10_000);
    await this.#end('SIGTERM');
    clearTimeout(timer);
    return isPrompt;
  }

  pause(): void {
    this.isPaused = true;
    this.#child?.kill('SIGSTOP');
  }

  goOn(): void {
    this.isPaused = false;
    this.#child?.kill('SIGCONT');
  }

  fillDisk(): void {
    this.isFull = true;
    this.#options.space.fill(this.#child?.pid ?? -1);
  }

  freeDisk(): void {
    this.#options.space.free();
    this.isFull = false;
  }

  /**
   * The reply to a four-letter word, or undefined without a reply. The request goes directly to the server, so network
   * faults do not affect it.
   */
  async word(word: string): Promise<string | undefined> {
    if (!this.isRunning || this.isPaused) return undefined;
    return await fourLetterWord(this.clientPort, word, 2_000).catch(() => undefined);
  }

  /** `leader`, `follower` or `observer`. Undefined while the server does not serve clients. */
  async mode(): Promise<string | undefined> {
    return /^Mode: (\w+)/m.exec((await this.word('srvr')) ?? '')?.[1];
  }

  log(): string {
    return existsSync(this.logPath) ? readFileSync(this.logPath, 'utf8') : '';
  }
}
