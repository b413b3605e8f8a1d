/** Counts the replies on the connections of one job. Only the measured part enters the result. */
import { Histogram } from './histogram.js';

export class Recorder {
  readonly histogram = new Histogram();
  measuring = false;
  operations = 0;
  errors = 0;
  firstError: string | null = null;

  /** Errors always count: one during the warm-up makes the measured part worthless too. */
  fail(text: string): void {
    this.errors += 1;
    this.firstError ??= text;
  }
}
