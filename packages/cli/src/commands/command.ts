import type { Output } from '../output.js';
import type { OptionSpec, ParsedWords } from '../parse/options.js';
import type { Requests } from '../requests.js';
import type { Shell } from '../shell/shell.js';

/** One row of the command table. Help, usage, completion and the command-line checks are generated from it. */
export interface Command {
  readonly name: string;
  /** The text after the name in the usage line, as in ZooKeeper's shell. */
  readonly usage: string;
  /** The description that `help` prints. */
  readonly summary: string;
  /** If absent, the words are not parsed for options. */
  readonly options?: OptionSpec;
  /** The number of words besides options: minimum, maximum. */
  readonly words?: readonly [min: number, max?: number];
  /** The usage also lists the options, one per line. */
  readonly listsOptions?: true;
  /**
   * For a command with a deprecated form, whose third word means "watch": the new form that ZooKeeper's shell
   * recommends.
   */
  readonly newForm?: string;
  /** Acts on the shell itself and needs no connection. */
  readonly isLocal?: true;
  /** ZooKeeper's shell does not have this command. */
  readonly isExtra?: true;
  run(call: Call): Promise<void> | void;
}

/** A parsed and checked command line. */
export interface Call extends Pick<ParsedWords, 'has' | 'value'> {
  /** The words after the name, without the options. */
  readonly words: readonly string[];
  /** Returns a word that the row's `words` requires. */
  word(index: number): string;
  readonly output: Output;
  readonly zk: Requests;
  readonly shell: Shell;
}
