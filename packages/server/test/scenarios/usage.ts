/** The error for a command line that does not fit the command's usage. */
export class UsageError extends Error {}

/** The meaning of each word in capital letters in a usage. */
const placeholders = {
  SERVER: { pattern: /^[1-9]$/, what: 'the number of a server' },
  SERVERS: { pattern: /^[1-9](,[1-9])*$/, what: 'numbers of servers with commas between them' },
  COUNT: { pattern: /^[1-9]\d*$/, what: 'a number from 1 on' },
  CLIENT: { pattern: /^[a-z]+$/, what: 'the name of a client, in small letters' },
  LINK: { pattern: /^[1-9][->][1-9]$/, what: 'two servers, 1-2 for both directions, 1>2 for one' },
  PACKET: { pattern: /^[A-Z]+$/, what: 'the name of a packet' },
  STATE: { pattern: /^(serving|leading|looking)$/, what: 'serving, leading or looking' },
  PATH: { pattern: /^\/\S*$/, what: 'a path' },
  DATA: { pattern: /^\S+$/, what: 'a word' },
  TIME: { pattern: /^\d+ms$/, what: 'a time, such as 200ms' },
} as const;

type Placeholder = keyof typeof placeholders;

/** The arguments of a command. Each argument has a name in the command's usage. */
export class Arguments {
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values;
  }

  all(name: Placeholder): readonly string[] {
    const values = this.#values.get(name);
    if (values === undefined) throw new Error(`the usage of this command has no ${name}`);
    return values;
  }

  text(name: Placeholder): string {
    return this.all(name)[0]!;
  }

  number(name: Placeholder): number {
    return Number.parseInt(this.text(name), 10);
  }

  numbers(name: Placeholder): number[] {
    return this.all(name).map(Number);
  }

  /** Returns the value of the option `name=value`, or undefined if the option is missing. */
  option(name: string): string | undefined {
    return this.#values.get(name)?.[0];
  }

  has(flag: string): boolean {
    return this.#values.has(flag);
  }
}

/**
 * The usage of a command, as a list of words. A word in small letters stands for itself, and a word in capitals for an
 * argument. `SERVER...` stands for one or more servers. Options `[name=COUNT]` and flags `[name]` come last, in any
 * order.
 */
export class Usage {
  readonly #words: readonly string[];
  readonly #options = new Map<string, Placeholder | undefined>();

  constructor(readonly text: string) {
    const words = text.split(' ');
    this.#words = words.filter((word) => !word.startsWith('['));
    for (const word of words.filter((each) => each.startsWith('['))) {
      const [name = '', value] = word.slice(1, -1).split('=');
      this.#options.set(name, value as Placeholder | undefined);
    }
  }

  /** The name of the command: the words in small letters at the beginning of the usage. */
  get name(): string {
    const end = this.#words.findIndex((word) => /^[A-Z]/.test(word));
    return this.#words.slice(0, end < 0 ? undefined : end).join(' ');
  }

  /** Parses the words of a command line. Throws `UsageError` if they do not fit the usage. */
  parse(words: readonly string[]): Arguments {
    const values = new Map<string, string[]>();
    const rest = [...words];
    for (const expected of this.#words) this.#take(expected, rest, values);
    for (const word of rest) this.#takeOption(word, values);
    return new Arguments(values);
  }

  #take(expected: string, rest: string[], values: Map<string, string[]>): void {
    if (!/^[A-Z]/.test(expected)) {
      if (rest.shift() !== expected) this.#fail(`"${expected}" is missing`);
      return;
    }
    const placeholder = expected.replace('...', '') as Placeholder;
    const taken = expected.endsWith('...') ? rest.splice(0) : rest.splice(0, 1);
    if (taken.length === 0) this.#fail(`${placeholder} is missing`);
    for (const word of taken) this.#check(placeholder, word);
    values.set(placeholder, taken);
  }

  #takeOption(word: string, values: Map<string, string[]>): void {
    const [name = '', value] = word.split('=');
    const placeholder = this.#options.get(name);
    if (!this.#options.has(name) || (value === undefined) !== (placeholder === undefined)) {
      this.#fail(`"${word}" is not understood`);
    }
    if (placeholder !== undefined && value !== undefined) this.#check(placeholder, value);
    values.set(name, value === undefined ? [] : [value]);
  }

  #check(placeholder: Placeholder, word: string): void {
    const { pattern, what } = placeholders[placeholder];
    if (!pattern.test(word)) this.#fail(`"${word}" is not ${what} (${placeholder})`);
  }

  #fail(reason: string): never {
    throw new UsageError(`${reason}; the usage is: ${this.text}`);
  }
}
