/** Counts the replies on the connections of one job. Replies outside the measured part are not counted. */
import { Histogram } from './histogram.js';

export class Recorder {
  readonly histogram = new Histogram();
  measuring = false;
  operations = 0;
  errors = 0;
  firstError: string | null = null;

  /**
   * Counts an error, even outside the measured part. An error during the warm-up makes the measured part worthless too.
   */
  fail(text: string): void {
    this.errors += 1;
    this.firstError ??= text;
  }
}
