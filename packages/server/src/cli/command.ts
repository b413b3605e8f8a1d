/** The environment variables and output streams that a command uses. */
export interface CommandContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Prints a line. The argument does not end with a line break. */
  readonly stdout: (line: string) => void;
  readonly stderr: (line: string) => void;
}

/** A command of `nodekeeper`, for example `nodekeeper server`. */
export interface Command {
  readonly name: string;
  /** The arguments after the name of the command, for the usage text. */
  readonly usage: string;
  readonly summary: string;
  /** Explanations of the arguments for the help text, one line each. */
  readonly details?: readonly string[];
  /** Resolves with the exit code. Throws a `UsageError` for invalid arguments. */
  run(args: readonly string[], context: CommandContext): Promise<number>;
}

/**
 * Thrown for invalid arguments of a command. The process then prints the usage of the command and exits with code 2.
 */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
