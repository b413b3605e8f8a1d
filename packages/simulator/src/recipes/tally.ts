import { RecipeError } from '@nodekeeper/recipes';
import type { Program } from './program.js';

/**
 * Counts the additions that programs have made. An addition whose call has not ended, or has ended `IN_DOUBT`, may have
 * been made or not.
 */
export class Tally {
  /** The number of additions that were certainly made. */
  sure = 0;
  /** The number of additions that may have been made. */
  doubtful = 0;
  readonly #values = new Set<bigint>();

  /**
   * Counts an addition of 1.
   *
   * @param add resolves with the value after the addition, or with undefined if nothing was added
   */
  async add(program: Program, add: () => Promise<bigint | undefined>): Promise<boolean> {
    // stays if the process is killed
    this.doubtful++;
    try {
      const value = await add();
      this.doubtful--;
      if (value === undefined) return false;
      this.sure++;
      program.note(`adds 1 and gets ${value}`);
      program.check(
        !this.#values.has(value),
        'ExactlyOnce',
        () => `gets ${value} from an addition, as another one did`,
      );
      this.#values.add(value);
      return true;
    } catch (error) {
      if (!RecipeError.is(error, 'IN_DOUBT')) this.doubtful--;
      throw error;
    }
  }

  /** True if the value is possible after all additions. */
  fits(value: bigint): boolean {
    return value >= BigInt(this.sure) && value <= BigInt(this.sure + this.doubtful);
  }

  toString(): string {
    return `${this.sure} additions were made, and ${this.doubtful} more may have been`;
  }
}
