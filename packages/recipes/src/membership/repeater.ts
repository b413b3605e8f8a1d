/** Runs a task again each time that it is asked to, but never twice at the same time. */
export class Repeater {
  readonly #task: () => Promise<void>;
  #isWanted = false;
  #running: Promise<void> | undefined;

  /** @param task must not reject */
  constructor(task: () => Promise<void>) {
    this.#task = task;
  }

  /** Runs the task. If it runs already, a further run follows. */
  request(): void {
    this.#isWanted = true;
    this.#running ??= this.#run();
  }

  /** Resolves when the task does not run. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isWanted) {
      this.#isWanted = false;
      await this.#task();
    }
    this.#running = undefined;
  }
}
