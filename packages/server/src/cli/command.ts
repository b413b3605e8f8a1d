/** What a command has of the outside world. */
export interface CommandContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A line without its end. */
  readonly stdout: (line: string) => void;
  readonly stderr: (line: string) => void;
}

/** One command of `nodekeeper`. */
export interface Command {
  readonly name: string;
  /** What follows the name. */
  readonly usage: string;
  readonly summary: string;
  /** Explanations of the arguments, one line each. */
  readonly details?: readonly string[];
  /** Resolves with the exit code. Throws a `UsageError` for arguments it does not understand. */
  run(args: readonly string[], context: CommandContext): Promise<number>;
}

/** Arguments that a command does not understand: answered with its usage and exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
