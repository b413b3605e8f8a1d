import type { Call } from './call.js';

/** Lets calls of a recipe wait until something about the recipe is true. */
export class Condition {
  readonly #looks = new Set<() => void>();

  /** Must be called after each change of what the calls may wait for. */
  changed(): void {
    for (const look of [...this.#looks]) look();
  }

  /**
   * Waits until `read` returns a value other than undefined, and returns it. Rejects when `read` throws.
   *
   * @param read is called at once, and after each change
   */
  async until<Value>(call: Call, read: () => Value | undefined): Promise<Value> {
    let value: Value | undefined;
    await call.wait((wake, fail) => {
      const look = () => {
        try {
          value = read();
        } catch (error) {
          fail(error);
          return;
        }
        if (value !== undefined) wake();
      };
      this.#looks.add(look);
      look();
      return () => this.#looks.delete(look);
    });
    return value!;
  }
}
