/** A failed command, as the shell reports it. */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    message: string,
    /** The exit code of a one-shot `zkcli`. It is 0 for a failure after which ZooKeeper's shell also exits with 0. */
    readonly exitCode: number = 1,
    /** Additional fields of the JSON error object that `--json` prints. Programs use them to distinguish failures. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}
