import { withoutJsonFlag } from '../parse/json-flag.js';

/** The options of `zkcli` before the command, and the command. */
export interface StartOptions {
  servers: string;
  timeout: string;
  isReadOnly: boolean;
  clientConfiguration: string | undefined;
  waitsForConnection: boolean;
  isJson: boolean;
  /** If set, `zkcli` prints its help or its version and exits. */
  only: 'help' | 'version' | undefined;
  /** The command to run, with its arguments. If empty, `zkcli` starts a shell. */
  command: readonly string[];
  /** The error text if the last option on the command line lacks its value. */
  fault: string | undefined;
}

interface StartOptionRow {
  readonly name: string;
  readonly value?: string;
  readonly text: string;
  set(options: StartOptions, value: string): void;
}

/** All options of `zkcli`. The help text lists these rows. */
const rows: readonly StartOptionRow[] = [
  {
    name: '-server',
    value: 'host:port[,host:port...][/path]',
    text: 'the servers, and a root for all paths (default localhost:2181)',
    set: (options, value) => void (options.servers = value),
  },
  {
    name: '-timeout',
    value: 'ms',
    text: 'session timeout (default 30000)',
    set: (options, value) => void (options.timeout = value),
  },
  {
    name: '-r',
    text: 'accept a read-only server',
    set: (options) => void (options.isReadOnly = true),
  },
  {
    name: '-client-configuration',
    value: 'file',
    text: 'properties file of the client: TLS, limits',
    set: (options, value) => void (options.clientConfiguration = value),
  },
  {
    name: '-waitforconnection',
    text: 'wait for the connection before running the command, at most the session timeout',
    set: (options) => void (options.waitsForConnection = true),
  },
  {
    name: '--json',
    text: 'print results, events and errors as JSON, one object per line',
    set: (options) => void (options.isJson = true),
  },
  { name: '--help', text: 'print this help and exit', set: (options) => void (options.only ??= 'help') },
  { name: '--version', text: 'print the version and exit', set: (options) => void (options.only ??= 'version') },
];

/**
 * Parses the command line as ZooKeeper's shell does: unknown options are ignored, and the first word that is neither an
 * option nor an option's value is the command.
 */
export function parseStartOptions(words: readonly string[]): StartOptions {
  const options: StartOptions = {
    servers: 'localhost:2181',
    timeout: '30000',
    isReadOnly: false,
    clientConfiguration: undefined,
    waitsForConnection: false,
    isJson: false,
    only: undefined,
    command: [],
    fault: undefined,
  };
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (!word.startsWith('-')) return withCommand(options, [word, ...left]);
    const row = rows.find(({ name }) => name === word);
    if (row === undefined) continue;
    const value = row.value === undefined ? '' : left.shift();
    if (value === undefined) return { ...options, fault: `Error: no argument found for option ${word}` };
    row.set(options, value);
  }
  return options;
}

/** Removes the flag `--json` if it stands after the command's name, and turns on JSON output. */
function withCommand(options: StartOptions, words: readonly string[]): StartOptions {
  const command = withoutJsonFlag(words);
  return command === undefined ? { ...options, command: words } : { ...options, isJson: true, command };
}

export function startHelp(): string {
  const named = rows.map(({ name, value, text }) => ({ head: value === undefined ? name : `${name} ${value}`, text }));
  const width = Math.max(...named.map(({ head }) => head.length)) + 2;
  const lines = named.map(({ head, text }) => `  ${head.padEnd(width)}${text}`);
  return `zkcli [option ...] [command [argument ...]]\n${lines.join('\n')}\nWithout a command, zkcli starts a shell; \`help\` lists its commands.`;
}
