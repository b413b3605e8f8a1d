import { RecipeError } from '@nodekeeper/recipes';
import type { Model } from '../checks/model.js';
import type { World } from '../world/world.js';
import type { Program } from './program.js';

/**
 * The items that programs have put into a queue and taken out of it. A call that has not ended, or has failed without a
 * certain outcome, may have been carried out or not.
 */
export class QueueLedger {
  /** The items whose `put` has been called, and if it was certainly carried out. */
  readonly #put = new Map<string, boolean>();
  #count = 0;
  readonly #taken = new Set<string>();
  /**
   * The sessions in which a program has stopped waiting without a connection. The recipe then returns the item in the
   * background. It cannot do that if the session ends before.
   */
  readonly #stoppedIn: bigint[] = [];
  /** The number of calls that may have removed an item. */
  #doubtful = 0;

  constructor(
    private readonly world: World,
    private readonly model: Model,
  ) {}

  /** Calls `put` with a new item. */
  async put(program: Program, put: (item: string) => Promise<void>): Promise<void> {
    const item = `${program.name}-${this.#count++}`;
    this.#put.set(item, false);
    try {
      await put(item);
      program.note(`has put ${item}`);
      this.#put.set(item, true);
    } catch (error) {
      // otherwise it is certain that the item was not put
      if (!RecipeError.is(error, 'IN_DOUBT')) this.#put.delete(item);
      throw error;
    }
  }

  /**
   * Calls `remove`, which resolves with the item that it has removed from the queue, or with undefined.
   *
   * @param isCertain true for an error after which it is certain that no item was removed
   */
  async remove(
    program: Program,
    remove: () => Promise<string | undefined>,
    isCertain: (error: unknown) => boolean = (error) => !RecipeError.is(error, 'IN_DOUBT'),
  ): Promise<string | undefined> {
    const { id } = program.zk!.session;
    // stays if the process is killed
    this.#doubtful++;
    try {
      const item = await remove();
      this.#doubtful--;
      if (item !== undefined) this.#removed(program, item);
      return item;
    } catch (error) {
      if (isCertain(error)) this.#doubtful--;
      if (program.zk!.state !== 'CONNECTED') this.#stoppedIn.push(id);
      throw error;
    }
  }

  #removed(program: Program, item: string): void {
    program.note(`has removed ${item}`);
    this.demandPresent(program, item);
    this.#taken.add(item);
  }

  /** Called when a program gets an item. */
  demandPresent(program: Program, item: string): void {
    program.check(this.#put.has(item), 'ExactlyOnce', () => `gets ${item}, which was not put`);
    program.check(!this.#taken.has(item), 'ExactlyOnce', () => `gets ${item}, which was taken before`);
  }

  /** Called with the items that are left when all programs have stopped. */
  atTheEnd(left: readonly string[]): void {
    const all = new Set(left);
    this.world.demand(all.size === left.length, 'ExactlyOnce', () => `an item is twice in the queue: ${left}`);
    const wrong = left.filter((item) => this.#taken.has(item) || !this.#put.has(item));
    this.world.demand(wrong.length === 0, 'ExactlyOnce', () => `the queue contains ${wrong}, taken or never put`);
    const lost = [...this.#put].flatMap(([item, isSure]) => {
      return isSure && !this.#taken.has(item) && !all.has(item) ? item : [];
    });
    const unreturned = this.#stoppedIn.filter((id) => this.model.closedAt.has(id)).length;
    this.world.demand(lost.length <= this.#doubtful + unreturned, 'NothingLost', () => {
      return `${lost} are lost; ${this.#doubtful + unreturned} calls may have removed an item`;
    });
  }
}
