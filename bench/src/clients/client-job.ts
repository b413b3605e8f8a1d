/** What the benchmark asks of a process with one client in it. */
import type { ContenderName } from './contenders.js';
import type { BurstTime } from './window.js';

export type Operation = 'get' | 'set';

interface Common {
  contender: ContenderName;
  /** File URL of the module to import. */
  entry: string;
  port: number;
  serverPid: number;
  payloadBytes: number;
}

/** `window` requests are outstanding at all times; the result is a `JobResult`. */
export interface PipelineJob extends Common {
  kind: 'pipeline';
  operation: Operation;
  window: number;
  warmupSeconds: number;
  seconds: number;
}

/** `outstanding` requests are made in one go, and all awaited; so often. */
export interface BurstJob extends Common {
  kind: 'burst';
  operation: Operation;
  outstanding: number;
  repeats: number;
}

/** Connects and rests. */
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
  /** Before the client was imported. */
  bareResidentBytes: number;
}
