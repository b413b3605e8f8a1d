/**
 * The job that the benchmark sends to a load generator process, and its result, over the IPC channel of the process.
 */
import type { LatencySummary } from './histogram.js';

export type Workload = 'get' | 'set' | 'create' | 'mix' | 'fanout' | 'tree';

export interface Job {
  workload: Workload;
  /** The connections are distributed over these ports in turn. */
  ports: readonly number[];
  /** The server processes. Their CPU time and memory are read before and after the measured part. */
  serverPids: readonly number[];
  connections: number;
  window: number;
  payloadBytes: number;
  warmupSeconds: number;
  seconds: number;
  /** The number of nodes of a `tree`. It runs until all exist, instead of for `seconds`. */
  nodes?: number;
  /** Different for each job on one server, so that created names never conflict. */
  run: string;
}

export interface JobResult {
  operations: number;
  seconds: number;
  latency: LatencySummary;
  errors: number;
  /** The first error reply or broken connection, as text. */
  firstError: string | null;
  serverCpuSeconds: number;
  serverResidentBytes: number;
  /** CPU seconds of the load generator itself. A value close to `seconds` means that it was the limit. */
  clientCpuSeconds: number;
}

export type JobReply = { result: JobResult } | { failure: string };
