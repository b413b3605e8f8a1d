import type { Host } from '@nodekeeper/server/testing';

/** What the ensemble and its faults use of every kind of client. */
export interface Participant extends Host {
  readonly name: string;
  start(): void;
  /** Called when all faults end. The client then causes no more faults itself. */
  heal(): void;
  /** Kills the process, and starts it again after the delay. Absent for clients that are not killed by a fault. */
  die?(delayMs: number): void;
}
