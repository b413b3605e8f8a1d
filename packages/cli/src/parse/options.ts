import { Failure } from '../failure.js';
import { looksLikeNumber } from './numbers.js';

/** One option of a command. `name` has no hyphen. */
interface OptionRow {
  readonly name: string;
  readonly takesValue?: true;
  readonly text?: string;
}

export interface OptionSpec {
  readonly rows: readonly OptionRow[];
  /** If set, at most one of the options may be given. With `required`, exactly one must be given. */
  readonly oneOf?: 'optional' | 'required';
}

export interface ParsedWords {
  /** The words that are neither options nor option values, in order. */
  readonly words: string[];
  has(name: string): boolean;
  /** Returns the option's value, or its first value if the option is repeated. */
  value(name: string): string | undefined;
}

/**
 * Parses words as Apache Commons CLI 1.5 does, with the same error texts. Options may stand anywhere before `--`. `-sw`
 * means `-s -w`, and both `-v3` and `-v=3` mean `-v 3`. A word that looks like an unknown option may be the value of
 * the option before it.
 */
export function parseOptions(spec: OptionSpec, words: readonly string[]): ParsedWords {
  const parser = new OptionParser(spec);
  for (const word of words) parser.take(word);
  return parser.finish();
}

class OptionParser {
  readonly #spec: OptionSpec;
  readonly #words: string[] = [];
  readonly #values = new Map<string, string[]>();
  /** The option whose value is expected as the next word. */
  #open: OptionRow | undefined;
  #selected: string | undefined;
  #optionsAreOver = false;

  constructor(spec: OptionSpec) {
    this.#spec = spec;
  }

  take(word: string): void {
    if (this.#optionsAreOver) this.#words.push(word);
    else if (word === '--') this.#optionsAreOver = true;
    else if (this.#open !== undefined && (!this.#isOption(word) || looksLikeNumber(word))) this.#give(unquoted(word));
    else if (word.startsWith('-') && word !== '-' && !word.startsWith('--')) this.#takeOption(word);
    else this.#takeWord(word);
  }

  finish(): ParsedWords {
    this.#mustBeComplete();
    if (this.#spec.oneOf === 'required' && this.#selected === undefined) {
      const group = this.#spec.rows.map(({ name, text }) => `-${name} ${text}`).join(', ');
      throw parseFailure('MissingOption', `Missing required option: [${group}]`);
    }
    const values = this.#values;
    return { words: this.#words, has: (name) => values.has(name), value: (name) => values.get(name)?.[0] };
  }

  #find(name: string): OptionRow | undefined {
    return this.#spec.rows.find((row) => row.name === name);
  }

  #isOption(word: string): boolean {
    if (!word.startsWith('-') || word.length === 1) return false;
    const name = splitOnce(word.slice(1), '=')[0].replace(/^-/, '');
    return this.#find(name) !== undefined || this.#find(name.charAt(0)) !== undefined;
  }

  #takeOption(word: string): void {
    const [name, value] = splitOnce(word.slice(1), '=');
    const row = this.#find(name);
    if (value === undefined) {
      if (row !== undefined) this.#start(row);
      else if (name.length === 1) this.#takeWord(word);
      else this.#takeCluster(word);
    } else if (row?.takesValue && name.length === 1) {
      this.#start(row);
      this.#give(value);
    } else {
      this.#takeWord(word);
    }
  }

  /**
   * Parses a cluster of one-letter options: `-sw` is `-s -w`. After an option that takes a value, the rest of the word
   * is the value, as in `-v3`.
   */
  #takeCluster(word: string): void {
    for (let index = 1; index < word.length; index++) {
      const row = this.#find(word.charAt(index));
      if (row === undefined) {
        this.#takeWord(word);
        return;
      }
      this.#start(row);
      const value = word.slice(index + 1);
      if (row.takesValue && value !== '') {
        this.#give(value);
        return;
      }
    }
  }

  #takeWord(word: string): void {
    if (word.startsWith('-') && word.length > 1) {
      throw parseFailure('UnrecognizedOption', `Unrecognized option: ${word}`);
    }
    this.#words.push(word);
  }

  #start(row: OptionRow): void {
    this.#mustBeComplete();
    if (this.#spec.oneOf !== undefined) this.#select(row.name);
    if (!this.#values.has(row.name)) this.#values.set(row.name, []);
    if (row.takesValue) this.#open = row;
  }

  #select(name: string): void {
    this.#selected ??= name;
    if (this.#selected === name) return;
    const already = `but an option from this group has already been selected: '${this.#selected}'`;
    throw parseFailure('AlreadySelected', `The option '${name}' was specified ${already}`);
  }

  #give(value: string): void {
    this.#values.get(this.#open!.name)!.push(value);
    this.#open = undefined;
  }

  #mustBeComplete(): void {
    if (this.#open !== undefined) {
      throw parseFailure('MissingArgument', `Missing argument for option: ${this.#open.name}`);
    }
  }
}

/** Splits at the first separator. The second part is undefined if there is no separator. */
function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function unquoted(word: string): string {
  return /^"[^"]*"$/.test(word) && word.length > 1 ? word.slice(1, -1) : word;
}

/**
 * The failure has the class name of the Java exception, because ZooKeeper's shell prints that name and scripts may
 * match it.
 */
function parseFailure(kind: string, message: string): Failure {
  return new Failure(`org.apache.commons.cli.${kind}Exception: ${message}`);
}
