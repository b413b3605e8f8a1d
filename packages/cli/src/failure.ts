/** A command that did not work, as the user is told. */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    message: string,
    /** What a one-shot `zkcli` ends with: 0 for what Apache's shell complains of and yet counts as done. */
    readonly exitCode: number = 1,
    /** For `--json`: what a program wants to tell apart. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}
