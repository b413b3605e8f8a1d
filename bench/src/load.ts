/** The program of the load generator process. It takes one job over IPC, runs the job, sends the result and ends. */
import { setTimeout as delay } from 'node:timers/promises';
import { FanoutRounds } from './fanout.js';
import { createFrame, frameRing, getFrame, nameDigitsOffset, setFrame } from './frames.js';
import type { Job, JobReply, JobResult } from './job.js';
import { PipelinedConnection, type PipelineOptions } from './pipelined-connection.js';
import { cpuSeconds, residentBytes } from './process-stats.js';
import { Recorder } from './recorder.js';
import { SetupConnection } from './setup-connection.js';
import type { WireConnection } from './wire-connection.js';

const KEYS = 1000;
const PARENTS = 1000;
const CREATE_BYTES = 100;
/**
 * The longest wait for the last replies. It is long enough to recognize a stalled server, and short enough not to look
 * like a hang.
 */
const DRAIN_MS = 30_000;
/** The wait after the preparation, in which the prepared nodes reach the other servers of an ensemble. */
const SPREAD_MS = 1000;

interface Running {
  connections: WireConnection[];
  start(): void;
  stop(): void;
  /** Resolves when the last reply has arrived, after `stop` was called or the last request was made. */
  idle: Promise<void>;
}

async function run(job: Job): Promise<JobResult> {
  const recorder = new Recorder();
  await prepare(job);
  const load = job.workload === 'fanout' ? fanout(job, recorder) : pipelines(job, recorder);
  await Promise.all(load.connections.map((connection) => connection.open()));
  if (job.warmupSeconds > 0) {
    load.start();
    await delay(job.warmupSeconds * 1000);
  }
  const result = await measure(job, recorder, load);
  load.stop();
  await Promise.race([
    load.idle,
    delay(DRAIN_MS, undefined, { ref: false }).then(() => recorder.fail('Some requests were never answered.')),
  ]);
  await Promise.all(load.connections.map((connection) => connection.close()));
  return { ...result, errors: recorder.errors, firstError: recorder.firstError };
}

async function measure(job: Job, recorder: Recorder, load: Running): Promise<JobResult> {
  const serverBefore = sum(job.serverPids, cpuSeconds);
  const clientBefore = process.cpuUsage();
  const startedAt = performance.now();
  recorder.measuring = true;
  if (job.warmupSeconds === 0) load.start();
  if (job.workload === 'tree') await load.idle;
  else await delay(job.seconds * 1000);
  recorder.measuring = false;
  const seconds = (performance.now() - startedAt) / 1000;
  const client = process.cpuUsage(clientBefore);
  return {
    operations: recorder.operations,
    seconds,
    latency: recorder.histogram.summary(),
    errors: recorder.errors,
    firstError: recorder.firstError,
    serverCpuSeconds: sum(job.serverPids, cpuSeconds) - serverBefore,
    serverResidentBytes: sum(job.serverPids, residentBytes),
    clientCpuSeconds: (client.user + client.system) / 1e6,
  };
}

async function prepare(job: Job): Promise<void> {
  const data = Buffer.alloc(job.payloadBytes, 'x');
  const setup = await new SetupConnection(job.ports[0]!).open();
  await setup.create('/bench', Buffer.alloc(0));
  if (job.workload === 'create') {
    for (let index = 0; index < job.connections; index++) await setup.create(parentOf(job, index), Buffer.alloc(0));
  } else if (job.workload === 'tree') {
    for (let index = 0; index < PARENTS; index++) await setup.create(treeParent(index), data);
  } else {
    const keys = job.workload === 'fanout' ? 1 : KEYS;
    for (let index = 0; index < keys; index++) await setup.create(keyPath(index), data);
  }
  await setup.close();
  if (job.ports.length > 1) await delay(SPREAD_MS);
}

function pipelines(job: Job, recorder: Recorder): Running {
  let idle = 0;
  let done: () => void;
  const allIdle = new Promise<void>((resolve) => {
    done = resolve;
  });
  const onIdle = () => {
    idle += 1;
    if (idle === job.connections) done();
  };
  const connections = Array.from({ length: job.connections }, (_, index) => {
    const options: PipelineOptions = { ...requestsOf(job, index), window: job.window, recorder, onIdle };
    return new PipelinedConnection(job.ports[index % job.ports.length]!, options);
  });
  return {
    connections,
    start() {
      for (const connection of connections) connection.start();
    },
    stop() {
      for (const connection of connections) connection.stop();
    },
    idle: allIdle,
  };
}

type Requests = Pick<PipelineOptions, 'ring' | 'digitsOffset' | 'limit'>;

function requestsOf(job: Job, connection: number): Requests {
  const size = Math.max(job.window, 20);
  if (job.workload === 'create') {
    const path = `${parentOf(job, connection)}/n0000000000`;
    const frame = createFrame(path, Buffer.alloc(CREATE_BYTES, 'x'));
    return { ring: frameRing(new Array(size).fill(frame), job.window), digitsOffset: nameDigitsOffset(path) };
  }
  const data = Buffer.alloc(job.payloadBytes, 'y');
  if (job.workload === 'tree') return treeRequests(job, connection, data);
  const frames = Array.from({ length: size }, (_, slot) => {
    const path = keyPath((connection * size + slot) % KEYS);
    const isSet = job.workload === 'set' || (job.workload === 'mix' && (slot + connection) % 10 === 0);
    return isSet ? setFrame(path, data) : getFrame(path);
  });
  return { ring: frameRing(frames, job.window) };
}

/** Each connection has an equal share of the parent nodes. It creates one child below each of its parents in turn. */
function treeRequests(job: Job, connection: number, data: Buffer): Requests {
  const share = PARENTS / job.connections;
  const paths = Array.from({ length: share }, (_, slot) => `${treeParent(connection * share + slot)}/n0000000000`);
  const ring = frameRing(
    paths.map((path) => createFrame(path, data)),
    job.window,
  );
  return { ring, digitsOffset: nameDigitsOffset(paths[0]!), limit: Math.ceil((job.nodes ?? 0) / job.connections) };
}

function fanout(job: Job, recorder: Recorder): Running {
  let done: () => void;
  const idle = new Promise<void>((resolve) => {
    done = resolve;
  });
  const data = Buffer.alloc(job.payloadBytes, 'y');
  const rounds = new FanoutRounds(job.ports[0]!, job.connections, keyPath(0), data, recorder, () => done());
  return { connections: rounds.connections, start: () => rounds.start(), stop: () => rounds.stop(), idle };
}

function sum(pids: readonly number[], of: (pid: number) => number): number {
  return pids.reduce((total, pid) => total + of(pid), 0);
}

function keyPath(index: number): string {
  return `/bench/k${String(index).padStart(4, '0')}`;
}

function treeParent(index: number): string {
  return `/bench/p${String(index).padStart(4, '0')}`;
}

function parentOf(job: Job, connection: number): string {
  return `/bench/create-${job.run}-${connection}`;
}

// The parent process, which is the benchmark, has ended and no longer needs the result.
process.once('disconnect', () => process.exit(1));

process.once('message', (job: Job) => {
  const answer = (reply: JobReply) => process.send!(reply, () => process.exit(0));
  run(job).then(
    (result) => answer({ result }),
    (error: Error) => answer({ failure: error.stack ?? error.message }),
  );
});
