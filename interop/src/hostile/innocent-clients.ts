import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Experience } from './innocent.js';

const program = fileURLToPath(new URL('./innocent.js', import.meta.url));

/**
 * Runs the clients of innocent.ts in a separate process, so that the attacks do not delay the clients' measurements.
 */
export class InnocentClients {
  readonly #child: ChildProcess;
  readonly #printed: Buffer[] = [];
  readonly #ended: Promise<void>;

  constructor(ports: readonly number[]) {
    this.#child = spawn(process.execPath, [program, ...ports.map(String)], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdout!.on('data', (chunk: Buffer) => this.#printed.push(chunk));
    this.#ended = new Promise((resolve) => this.#child.once('close', () => resolve()));
  }

  async stop(): Promise<Experience[]> {
    this.#child.stdin!.end();
    await this.#ended;
    return JSON.parse(Buffer.concat(this.#printed).toString()) as Experience[];
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
