/** A promise that was broken. `check` is the name of the promise in docs/internals/simulator.md. */
export class Violation extends Error {
  constructor(
    readonly check: string,
    message: string,
  ) {
    super(`${check}: ${message}`);
  }
}
