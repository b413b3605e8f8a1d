/** A failed command, as the shell reports it. */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    message: string,
    /**
     * The exit code of a one-shot `zkcli`. It is 0 for failures that ZooKeeper's shell prints but counts as success.
     */
    readonly exitCode: number = 1,
    /** Fields for `--json`, so that programs can tell failures apart. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}
