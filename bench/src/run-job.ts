import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Job, JobReply, JobResult } from './job.js';

const program = fileURLToPath(new URL('./load.js', import.meta.url));

/** Runs the job in a load generator process of its own. Rejects when the server can't be reached or prepared. */
export function runJob(job: Job): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    let reply: JobReply | undefined;
    child.once('message', (message: JobReply) => {
      reply = message;
    });
    child.once('exit', (code) => {
      if (!reply) reject(new Error(`The load generator ended with code ${code} and without a result.`));
      else if ('failure' in reply) reject(new Error(`The load generator failed: ${reply.failure}`));
      else resolve(reply.result);
    });
    child.send(job);
  });
}
