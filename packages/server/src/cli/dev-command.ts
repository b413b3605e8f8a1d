import { fstatSync } from 'node:fs';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { defaultConfig, type ServerConfig } from '../config/server-config.js';
import type { LocalEnsemble } from '../local/local-ensemble.js';
import { createLogger, logLevels } from '../log/create-logger.js';
import { type Command, type CommandContext, UsageError } from './command.js';
import { ExitCode } from './exit-codes.js';
import { readConfig } from './read-config.js';

const largestSize = 15;
const parentPollMs = 200;
/** Settings that `--set` refuses, because this command chooses them. */
const ownKeys = /^(dataDir|dataLogDir|clientPort|clientPortAddress|server\.\d+)=/;

/** `nodekeeper dev`: a server for the tests of a program in any language. It ends with the process that started it. */
export const devCommand: Command = {
  name: 'dev',
  usage:
    '[--ensemble 3] [--port p] [--disk memory|directory] [--json] [--set key=value]... [--log-level debug|info|warn|error]',
  summary: 'Run a server for tests. Prints its connect string, and ends with its parent.',
  details: [
    '--ensemble n        run an ensemble of n servers, 2 to 15, instead of a standalone server',
    '--port p            the client port of the first server (default: a free port)',
    '--disk d            memory, or a temporary directory that is deleted at the end (default memory)',
    '--json              print one line of JSON with connectString, ports and pid instead of the connect string',
    '--set key=value     an option for every server',
    '--log-level level   the lowest level to log on stderr (default error)',
    'Ends at SIGTERM, SIGINT, when a pipe on stdin is closed, or when the parent process exits.',
  ],
  run: runDev,
};

async function runDev(args: readonly string[], context: CommandContext): Promise<number> {
  const { isJson, level, config, ...options } = parseDevArguments(args);
  const logger = createLogger({
    format: 'text',
    level,
    write: (line) => context.stderr(line.slice(0, -1)),
    now: Date.now,
  });
  const end = endOfParent();
  const { LocalEnsemble } = await import('../local/local-ensemble.js');
  const ensemble = new LocalEnsemble({ ...options, config, transport: 'ports', logger });
  try {
    const isOver = await Promise.race([ensemble.start(), end.reached]);
    if (isOver !== true) {
      context.stdout(isJson ? jsonLine(ensemble) : ensemble.addresses.join());
      await end.reached;
    }
    return ExitCode.finished;
  } catch (error) {
    context.stderr((error as Error).message);
    return (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? ExitCode.portNotAvailable : ExitCode.unexpected;
  } finally {
    end.ignore();
    await ensemble.close();
  }
}

function jsonLine({ addresses, servers }: LocalEnsemble): string {
  const ports = servers.map(({ clientPort }) => clientPort!.port);
  return JSON.stringify({ connectString: addresses.join(), ports, pid: process.pid });
}

function parseDevArguments(args: readonly string[]) {
  const values = parse(args);
  const level = oneOf(logLevels, '--log-level', values['log-level'] ?? 'error');
  return {
    size: values.ensemble === undefined ? 1 : integer('--ensemble', values.ensemble, 2, largestSize),
    port: integer('--port', values.port ?? '0', 0, 65_535),
    disk: oneOf(['memory', 'directory'] as const, '--disk', values.disk ?? 'memory'),
    isJson: values.json ?? false,
    config: changedConfig(values.set ?? []),
    level,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        ensemble: { type: 'string' },
        port: { type: 'string' },
        disk: { type: 'string' },
        json: { type: 'boolean' },
        set: { type: 'string', multiple: true },
        'log-level': { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Returns the settings that the options `--set` change. */
function changedConfig(set: readonly string[]): Partial<ServerConfig> {
  const own = set.find((option) => ownKeys.test(option));
  if (own !== undefined) throw new UsageError(`--set ${own}: this command chooses the value`);
  const result = readConfig(undefined, {}, set);
  if (!result.ok) throw new UsageError(result.errors.join('\n'));
  const defaults = readConfig(undefined, {});
  const before: ServerConfig = defaults.ok ? defaults.config : defaultConfig();
  const isChanged = ([key, value]: [string, unknown]) => !isDeepStrictEqual(value, before[key as keyof ServerConfig]);
  return Object.fromEntries(Object.entries(result.config).filter(isChanged));
}

function integer(option: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${option} must be a number from ${min} to ${max}, not ${text}`);
}

function oneOf<Word extends string>(words: readonly Word[], option: string, given: string): Word {
  const word = words.find((candidate) => candidate === given);
  if (word === undefined) throw new UsageError(`${option} must be one of ${words.join(', ')}, not ${given}`);
  return word;
}

/**
 * Returns a promise `reached`, which resolves when this process must end: at a signal, when a pipe on stdin is closed,
 * or when the parent process has exited. A second signal ends the process immediately.
 */
function endOfParent(): { readonly reached: Promise<true>; readonly ignore: () => void } {
  let reach: () => void = () => {};
  let isReached = false;
  const reached = new Promise<true>((resolve) => {
    reach = () => {
      isReached = true;
      resolve(true);
    };
  });
  const onSignal = () => (isReached ? process.exit(ExitCode.unexpected) : reach());
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  process.on('disconnect', reach);
  const parent = process.ppid;
  const poll = setInterval(() => process.ppid === parent || reach(), parentPollMs);
  const { stdin } = process;
  const isPipe = isOpenPipe();
  // a terminal or /dev/null says nothing about the parent
  if (isPipe) stdin.on('end', reach).on('close', reach).on('error', reach).resume();
  const ignore = () => {
    for (const signal of signals) process.off(signal, onSignal);
    process.off('disconnect', reach);
    clearInterval(poll);
    if (isPipe) stdin.destroy();
  };
  return { reached, ignore };
}

function isOpenPipe(): boolean {
  try {
    const stat = fstatSync(0);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    return false; // stdin is closed
  }
}
