/** The jobs that the benchmark sends to a process with one client. */
import type { ContenderName } from './contenders.js';
import type { BurstTime } from './window.js';

export type Operation = 'get' | 'set';

interface Common {
  contender: ContenderName;
  /** The file URL of the module to import. */
  entry: string;
  port: number;
  serverPid: number;
  payloadBytes: number;
}

/** Keeps `window` requests in flight. The result is a `JobResult`. */
export interface PipelineJob extends Common {
  kind: 'pipeline';
  operation: Operation;
  window: number;
  warmupSeconds: number;
  seconds: number;
}

/** Makes `outstanding` requests at once and awaits all of them, `repeats` times. */
export interface BurstJob extends Common {
  kind: 'burst';
  operation: Operation;
  outstanding: number;
  repeats: number;
}

/** Connects and stays idle. */
export interface RestJob extends Common {
  kind: 'rest';
}

export type ClientJob = PipelineJob | BurstJob | RestJob;

export interface BurstResult {
  /** One for each repeat. */
  times: BurstTime[];
  peakResidentBytes: number;
  errors: number;
  firstError: string | null;
}

export interface RestResult {
  residentBytes: number;
  /** Measured before the client was imported. */
  bareResidentBytes: number;
}
