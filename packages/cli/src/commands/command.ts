import type { Output } from '../output.js';
import type { OptionSpec, ParsedWords } from '../parse/options.js';
import type { Requests } from '../requests.js';
import type { Shell } from '../shell/shell.js';

/** One row of the table of commands. Help, usage, completion and checks of the command line are made from it. */
export interface Command {
  readonly name: string;
  /** What follows the name, as Apache's shell shows it when a command line is wrong. */
  readonly usage: string;
  /** For `help`. */
  readonly summary: string;
  /** Absent: the words are taken as they are. */
  readonly options?: OptionSpec;
  /** How many words there must be besides options: at least, at most. */
  readonly words?: readonly [min: number, max?: number];
  /** The usage goes on with the list of options, a line each. */
  readonly listsOptions?: true;
  /** Has an old form with a third word for "watch"; this is the new one that Apache's shell recommends. */
  readonly newForm?: string;
  /** Works on the shell itself, without a connection. */
  readonly isLocal?: true;
  /** Not a command of Apache's shell. */
  readonly isExtra?: true;
  run(call: Call): Promise<void> | void;
}

/** A command line that has been read and checked. */
export interface Call extends Pick<ParsedWords, 'has' | 'value'> {
  /** The words behind the name that are no options. */
  readonly words: readonly string[];
  /** One of those that the row's `words` demands. */
  word(index: number): string;
  readonly output: Output;
  readonly zk: Requests;
  readonly shell: Shell;
}
