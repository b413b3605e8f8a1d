/** The jobs that the benchmark sends to a process with one client. */
import type { ContenderName } from './contenders.js';
import type { BurstTime } from './window.js';

export type Operation = 'get' | 'set';

interface Common {
  contender: ContenderName;
  /** The file URL of the client's module, which the process imports. */
  entry: string;
  port: number;
  serverPid: number;
  payloadBytes: number;
}

/** A job that keeps `window` requests in flight. Its result is a `JobResult`. */
export interface PipelineJob extends Common {
  kind: 'pipeline';
  operation: Operation;
  window: number;
  warmupSeconds: number;
  seconds: number;
}

/** A job of `repeats` bursts in turn. A burst makes `outstanding` requests at once and awaits all replies. */
export interface BurstJob extends Common {
  kind: 'burst';
  operation: Operation;
  outstanding: number;
  repeats: number;
}

/** A job that connects, makes one get and then stays idle, so that the benchmark can measure the client's memory. */
export interface RestJob extends Common {
  kind: 'rest';
}

export type ClientJob = PipelineJob | BurstJob | RestJob;

export interface BurstResult {
  /** One entry for each repeat. */
  times: BurstTime[];
  peakResidentBytes: number;
  errors: number;
  firstError: string | null;
}

export interface RestResult {
  residentBytes: number;
  /** The resident memory of the process before it imported the client. */
  bareResidentBytes: number;
}
