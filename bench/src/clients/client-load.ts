/** The program of a process with one client. It takes one job over IPC, runs the job, sends the result and ends. */
import { setTimeout as delay } from 'node:timers/promises';
import type { JobResult } from '../job.js';
import { cpuSeconds, residentBytes } from '../process-stats.js';
import { Recorder } from '../recorder.js';
import type { BurstJob, BurstResult, ClientJob, PipelineJob, RestJob, RestResult } from './client-job.js';
import { type Driver, openDriver } from './driver.js';
import { keyPath } from './keys.js';
import { type BurstTime, type Issue, runBurst, Window } from './window.js';

const drainMs = 30_000;
const restMs = 1000;
const closeMs = 2000;
/** How long the client makes requests before the first burst, 100 at a time, so that V8 compiles the code. */
const burstWarmupSeconds = 1;

async function run(job: ClientJob): Promise<JobResult | BurstResult | RestResult> {
  if (job.kind === 'rest') return await rest(job);
  const driver = await openDriver(job.contender, job.entry, job.port);
  const result = await (job.kind === 'pipeline' ? pipeline(job, driver) : bursts(job, driver));
  await Promise.race([driver.close(), delay(closeMs, undefined, { ref: false })]);
  return result;
}

async function rest(job: RestJob): Promise<RestResult> {
  await delay(restMs);
  const bareResidentBytes = residentBytes(process.pid);
  const driver = await openDriver(job.contender, job.entry, job.port);
  driver.get(keyPath(0), () => {});
  await delay(restMs);
  return { residentBytes: residentBytes(process.pid), bareResidentBytes };
}

async function pipeline(job: PipelineJob, driver: Driver): Promise<JobResult> {
  const recorder = new Recorder();
  const window = new Window(job.window, issueOf(job, driver), job.payloadBytes, recorder);
  window.start();
  await delay(job.warmupSeconds * 1000);
  const result = await measure(job, recorder);
  await drain(window, recorder);
  return { ...result, errors: recorder.errors, firstError: recorder.firstError };
}

async function drain(window: Window, recorder: Recorder): Promise<void> {
  const wait = new AbortController();
  const late = delay(drainMs, undefined, { signal: wait.signal }).then(() =>
    recorder.fail('Some requests were never answered.'),
  );
  await Promise.race([window.stop(), late.catch(() => {})]);
  wait.abort();
}

async function measure(job: PipelineJob, recorder: Recorder): Promise<JobResult> {
  const serverBefore = cpuSeconds(job.serverPid);
  const clientBefore = process.cpuUsage();
  const startedAt = performance.now();
  recorder.measuring = true;
  await delay(job.seconds * 1000);
  recorder.measuring = false;
  const seconds = (performance.now() - startedAt) / 1000;
  const client = process.cpuUsage(clientBefore);
  return {
    operations: recorder.operations,
    seconds,
    latency: recorder.histogram.summary(),
    errors: recorder.errors,
    firstError: recorder.firstError,
    serverCpuSeconds: cpuSeconds(job.serverPid) - serverBefore,
    serverResidentBytes: residentBytes(job.serverPid),
    clientCpuSeconds: (client.user + client.system) / 1e6,
  };
}

async function bursts(job: BurstJob, driver: Driver): Promise<BurstResult> {
  const recorder = new Recorder();
  const issue = issueOf(job, driver);
  const window = new Window(100, issue, job.payloadBytes, recorder);
  window.start();
  await delay(burstWarmupSeconds * 1000);
  await drain(window, recorder);
  const times: BurstTime[] = [];
  for (let repeat = 0; repeat < job.repeats; repeat++) {
    times.push(await runBurst(job.outstanding, issue, job.payloadBytes, recorder));
  }
  const peakResidentBytes = process.resourceUsage().maxRSS * 1024;
  return { times, peakResidentBytes, errors: recorder.errors, firstError: recorder.firstError };
}

function issueOf(job: PipelineJob | BurstJob, driver: Driver): Issue {
  if (job.operation === 'get') return (path, done) => driver.get(path, done);
  const data = Buffer.alloc(job.payloadBytes, 'y');
  return (path, done) => driver.set(path, data, done);
}

// The parent process, which is the benchmark, has ended and no longer needs the result.
process.once('disconnect', () => process.exit(1));

process.once('message', (job: ClientJob) => {
  const answer = (reply: object) => process.send!(reply, () => process.exit(0));
  run(job).then(
    (result) => answer({ result }),
    (error: Error) => answer({ failure: error.stack ?? error.message }),
  );
});
