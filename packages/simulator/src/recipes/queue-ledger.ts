import type { ZooKeeper } from '@nodekeeper/client';
import { RecipeError } from '@nodekeeper/recipes';
import type { World } from '../world/world.js';
import type { Program } from './program.js';

/** An item that is put back in the background. It is lost if the session ends, or the process is killed, before that. */
interface Return {
  readonly program: Program;
  readonly zk: ZooKeeper;
  hasExpired: boolean;
}

/**
 * The items that programs have put into a queue and taken out of it. A call that has not ended, or has failed without a
 * certain outcome, may have been carried out or not.
 */
export class QueueLedger {
  /** The items whose `put` has been called, and if it was certainly carried out. */
  readonly #put = new Map<string, boolean>();
  #count = 0;
  readonly #taken = new Set<string>();
  /** The items that a recipe puts back in the background, because a program has stopped waiting without a connection. */
  readonly #returns: Return[] = [];
  /** The number of calls that may have removed an item. */
  #doubtful = 0;

  constructor(private readonly world: World) {}

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

  /** Calls `take`, which resolves with the item that it has taken out of the queue. */
  async take(program: Program, take: () => Promise<string>): Promise<string> {
    const zk = program.zk!;
    const { id } = zk.session;
    return this.#remove(program, take, (error) => {
      if (!RecipeError.is(error, 'IN_DOUBT')) return true;
      if (zk.session.id !== id || zk.state === 'CLOSED') return false;
      this.#expectReturn(program, zk);
      return true;
    });
  }

  /** Calls `consume`, which removes an item. If it fails, the item may be removed nevertheless. */
  async consume(program: Program, item: string, consume: () => Promise<void>): Promise<void> {
    await this.#remove(
      program,
      () => consume().then(() => item),
      () => false,
    );
  }

  /** @param isCertain true for an error after which no item is missing */
  async #remove(
    program: Program,
    remove: () => Promise<string>,
    isCertain: (error: unknown) => boolean,
  ): Promise<string> {
    // stays if the process is killed
    this.#doubtful++;
    try {
      const item = await remove();
      this.#doubtful--;
      this.#removed(program, item);
      return item;
    } catch (error) {
      if (isCertain(error)) this.#doubtful--;
      throw error;
    }
  }

  #expectReturn(program: Program, zk: ZooKeeper): void {
    const entry: Return = { program, zk, hasExpired: false };
    this.#returns.push(entry);
    zk.once('Expired', () => {
      entry.hasExpired = true;
    });
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
    const unreturned = this.#returns.filter(({ program, zk, hasExpired }) => hasExpired || program.zk !== zk);
    const doubtful = this.#doubtful + unreturned.length;
    this.world.demand(lost.length <= doubtful, 'NothingLost', () => {
      return `${lost} are lost; ${doubtful} calls may have removed an item`;
    });
  }
}
