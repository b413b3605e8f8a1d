/** The process as a command sees it. */
export interface CommandContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Prints a line, given without its end. */
  readonly stdout: (line: string) => void;
  readonly stderr: (line: string) => void;
}

/** One command of `nodekeeper`. */
export interface Command {
  readonly name: string;
  /** The arguments after the name. */
  readonly usage: string;
  readonly summary: string;
  /** Explanations of the arguments, one line each. */
  readonly details?: readonly string[];
  /** Resolves with the exit code. Throws a `UsageError` for invalid arguments. */
  run(args: readonly string[], context: CommandContext): Promise<number>;
}

/** Invalid arguments of a command. The process prints its usage and exits with code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
