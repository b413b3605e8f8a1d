/**
 * The job that the benchmark sends to a load generator process, and the result that the process returns. Both are sent
 * over the IPC channel of the process.
 */
import type { LatencySummary } from './histogram.js';

export type Workload = 'get' | 'set' | 'create' | 'mix' | 'fanout' | 'tree';

export interface Job {
  workload: Workload;
  /** The ports of the servers. The connections are distributed over the ports in turn. */
  ports: readonly number[];
  /**
   * The process ids of the servers. The CPU time and memory of these processes are read before and after the measured
   * part.
   */
  serverPids: readonly number[];
  connections: number;
  window: number;
  payloadBytes: number;
  warmupSeconds: number;
  seconds: number;
  /** The number of nodes that a `tree` job creates. The job runs until all of them exist, and ignores `seconds`. */
  nodes?: number;
  /** A text that is unique among the jobs on one server. Created names contain it, so that they never conflict. */
  run: string;
}

export interface JobResult {
  operations: number;
  seconds: number;
  latency: LatencySummary;
  errors: number;
  /** The first error reply or broken connection, as text. Null if there was none. */
  firstError: string | null;
  serverCpuSeconds: number;
  serverResidentBytes: number;
  /**
   * CPU seconds of the load generator itself. If the value is close to `seconds`, the load generator limited the
   * result.
   */
  clientCpuSeconds: number;
}

export type JobReply = { result: JobResult } | { failure: string };
