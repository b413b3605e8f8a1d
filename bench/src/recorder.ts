/** Counts what the connections of one job see; only what falls into the measured part goes into the result. */
import { Histogram } from './histogram.js';

export class Recorder {
  readonly histogram = new Histogram();
  measuring = false;
  operations = 0;
  errors = 0;
  firstError: string | null = null;

  /** Errors count at all times: one during the warm-up makes the measured part worthless too. */
  fail(text: string): void {
    this.errors += 1;
    this.firstError ??= text;
  }
}
