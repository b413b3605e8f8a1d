/** What the benchmark asks of a load generator process and what it gets back, over the process's IPC channel. */
import type { LatencySummary } from './histogram.js';

export type Workload = 'get' | 'set' | 'create' | 'mix' | 'fanout' | 'tree';

export interface Job {
  workload: Workload;
  /** Connections are shared out among these, in turn. */
  ports: readonly number[];
  /** The servers' processes: their CPU time and memory are read around the measured part. */
  serverPids: readonly number[];
  connections: number;
  window: number;
  payloadBytes: number;
  warmupSeconds: number;
  seconds: number;
  /** Nodes of a `tree`, which runs until they are all there instead of for `seconds`. */
  nodes?: number;
  /** Different for each job on one server, so that created names never meet. */
  run: string;
}

export interface JobResult {
  operations: number;
  seconds: number;
  latency: LatencySummary;
  errors: number;
  /** The first error reply or broken connection, in words. */
  firstError: string | null;
  serverCpuSeconds: number;
  serverResidentBytes: number;
  /** CPU seconds of the load generator itself; close to `seconds` means that it was the limit. */
  clientCpuSeconds: number;
}

export type JobReply = { result: JobResult } | { failure: string };
