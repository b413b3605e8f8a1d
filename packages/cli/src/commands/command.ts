import type { Output } from '../output.js';
import type { OptionSpec, ParsedWords } from '../parse/options.js';
import type { Requests } from '../requests.js';
import type { Shell } from '../shell/shell.js';

/**
 * One row of the table of commands. The help, the usage texts, the completion and the checks of a command line use this
 * row.
 */
export interface Command {
  readonly name: string;
  /** The text that follows the command's name in its usage line, as in ZooKeeper's shell. */
  readonly usage: string;
  /** The description that `help` prints. */
  readonly summary: string;
  /** If absent, no word of the command line is parsed as an option. */
  readonly options?: OptionSpec;
  /** The minimum and maximum number of words besides options. */
  readonly words?: readonly [min: number, max?: number];
  /** If true, the command's usage text also lists its options, one per line. */
  readonly listsOptions?: true;
  /**
   * The usage that replaces a deprecated form, for example `get [-s] [-w] path` for `get path [watch]`. In the
   * deprecated form, any third word means -w.
   */
  readonly newForm?: string;
  /** True for a command that acts on the shell itself and needs no connection. */
  readonly isLocal?: true;
  /** True for a command that ZooKeeper's shell does not have. */
  readonly isExtra?: true;
  run(call: Call): Promise<void> | void;
}

/** A parsed and checked command line. */
export interface Call extends Pick<ParsedWords, 'has' | 'value'> {
  /** The words after the command's name, without options. */
  readonly words: readonly string[];
  /** Returns the word at `index`. The command's row in the table must require a word at this index. */
  word(index: number): string;
  readonly output: Output;
  readonly zk: Requests;
  readonly shell: Shell;
}
