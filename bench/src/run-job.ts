import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Job, JobResult } from './job.js';

const program = fileURLToPath(new URL('./load.js', import.meta.url));

/** Runs the job in a separate load generator process. Rejects if the server cannot be reached or prepared. */
export function runJob(job: Job): Promise<JobResult> {
  return runProgram(program, job);
}

interface ProgramOptions {
  /** Command-line flags for the Node.js process. */
  nodeOptions?: string[];
  /** The time limit. A process that takes longer is killed, and the promise rejects with `TimeLimit`. */
  limitMs?: number;
}

/** Thrown if a program did not end within its time limit. */
export class TimeLimit extends Error {}

/** Runs a program that takes one job over IPC and replies with `{ result }` or `{ failure }`. */
export function runProgram<Result>(path: string, job: object, options: ProgramOptions = {}): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = fork(path, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: options.nodeOptions ?? [] });
    let reply: { result: Result } | { failure: string } | undefined;
    let isLate = false;
    const timer = options.limitMs && setTimeout(() => (isLate = child.kill('SIGKILL')), options.limitMs);
    child.once('message', (message: { result: Result } | { failure: string }) => {
      reply = message;
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      if (isLate && !reply) reject(new TimeLimit(`The load generator was stopped after ${options.limitMs} ms.`));
      else if (!reply) reject(new Error(`The load generator ended with code ${code} and without a result.`));
      else if ('failure' in reply) reject(new Error(`The load generator failed: ${reply.failure}`));
      else resolve(reply.result);
    });
    child.send(job);
  });
}
