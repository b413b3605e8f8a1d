/** A broken promise. `check` is its name in docs/internals/simulator.md. */
export class Violation extends Error {
  constructor(
    readonly check: string,
    message: string,
  ) {
    super(`${check}: ${message}`);
  }
}
