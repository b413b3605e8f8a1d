import { parseArgs } from 'node:util';
import { describeConfig } from '../config/load-config.js';
import type { ServerConfig } from '../config/server-config.js';
import { createLogger, logFormats, logLevels } from '../log/create-logger.js';
import type { Logger } from '../log/logger.js';
import type { RunningServer, StartServer } from '../node.js';
import type { TraceFilter } from '../trace/trace-log.js';
import { logBanner } from './banner.js';
import { type Command, type CommandContext, UsageError } from './command.js';
import { ExitCode, exitCodeOf } from './exit-codes.js';
import { readConfig } from './read-config.js';

/**
 * Loads the code of the server. Only the command `server` does so, because the other commands start faster without that
 * code.
 */
async function loadServer(): Promise<StartServer> {
  const { startServer } = await import('../node.js');
  return startServer;
}

/** `nodekeeper server`: runs a server until a signal stops it, or the server fails. */
export function serverCommand(load: () => Promise<StartServer> = loadServer): Command {
  return {
    name: 'server',
    usage:
      '[zoo.cfg] [--set key=value]... [--lenient] [--log text|json] [--log-level debug|info|warn|error] [--trace filter] [--with-parent]',
    summary: 'Run a server. Without a file it is standalone, on port 2181, with its data in ./data.',
    details: [
      "zoo.cfg             a configuration file in Apache ZooKeeper's format",
      '--set key=value     an option that overrides the file and the environment (ZOO_TICK_TIME, ...)',
      '--lenient           only warn of a key that looks like a misspelt option',
      '--log text|json     the format of log lines on stderr (default text)',
      '--log-level level   the lowest level to log (default info)',
      '--trace filter      log each stage of matching requests: session=0x... or path=/a/b (docs/debugging.md)',
      '--with-parent       stop when the Node.js process that forked this one exits',
    ],
    run: (args, context) => runServer(args, context, load),
  };
}

async function runServer(args: readonly string[], context: CommandContext, load: () => Promise<StartServer>) {
  const { file, overrides, lenient, format, level, trace, withParent } = parseServerArguments(args);
  const logger = createLogger({ format, level, write: (line) => context.stderr(line.slice(0, -1)), now: Date.now });
  const result = readConfig(file, context.environment, overrides, lenient);
  if (!result.ok) {
    for (const error of result.errors) logger.error(error);
    logger.error('the server does not start: the configuration has errors', { errors: result.errors.length });
    return ExitCode.invalidInvocation;
  }
  for (const warning of result.warnings) logger.warn(warning);
  for (const note of result.notes) logger.info(note);
  logger.debug('configuration that differs from the defaults', describeConfig(result.config));
  const start: Start = async (config) => (await load())(config, logger, { trace });
  return serve(result.config, file, logger, start, withParent);
}

function parseServerArguments(args: readonly string[]) {
  const { values, positionals } = parse(args);
  if (positionals.length > 1)
    throw new UsageError(`expected at most one configuration file, not ${positionals.join(' and ')}`);
  return {
    file: positionals[0],
    overrides: values.set ?? [],
    lenient: values.lenient ?? false,
    format: oneOf(logFormats, '--log', values.log ?? 'text'),
    withParent: values['with-parent'] ?? false,
    trace: values.trace === undefined ? undefined : traceFilter(values.trace),
    level: oneOf(logLevels, '--log-level', values['log-level'] ?? 'info'),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        set: { type: 'string', multiple: true },
        lenient: { type: 'boolean' },
        log: { type: 'string' },
        'log-level': { type: 'string' },
        trace: { type: 'string' },
        'with-parent': { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function oneOf<Word extends string>(words: readonly Word[], option: string, given: string): Word {
  const word = words.find((candidate) => candidate === given);
  if (word === undefined) throw new UsageError(`${option} must be one of ${words.join(', ')}, not ${given}`);
  return word;
}

type Start = (config: ServerConfig) => Promise<RunningServer>;

function traceFilter(given: string): TraceFilter {
  const [, key, value] = /^(session|path)=(.+)$/.exec(given) ?? [];
  if (key === 'path' && value?.startsWith('/')) return { path: value };
  if (key === 'session' && /^0x[0-9a-f]{1,16}$/i.test(value ?? ''))
    return { sessionId: BigInt.asIntN(64, BigInt(value!)) };
  throw new UsageError(`--trace must be session=0x... (hexadecimal) or path=/..., not ${given}`);
}

async function serve(
  config: ServerConfig,
  file: string | undefined,
  logger: Logger,
  start: Start,
  withParent: boolean,
): Promise<number> {
  const signals = listenForSignals(logger, withParent);
  const onUncaught = (error: Error) => {
    const isExplained = 'exitCode' in error || error.name === 'DiskError';
    logger.error('the server ends', isExplained ? { error } : { error, stack: error.stack });
    process.exit(exitCodeOf(error));
  };
  process.on('uncaughtException', onUncaught);
  let trouble = 'the server cannot start';
  try {
    const starting = start(config);
    starting.catch(() => {});
    const started = await Promise.race([starting, signals.received]);
    // A signal came before the server had started. Recovery can take long, and stopping in the middle of recovery is as
    // safe as a crash.
    if (started === undefined) return ExitCode.finished;
    logBanner(config, started.port, file, logger);
    trouble = 'the server ends';
    // If the server fails, the process exits without calling `stop`. Its sockets close, so the server leaves the
    // ensemble at once.
    await Promise.race([signals.received, ...(started.failed === undefined ? [] : [started.failed])]);
    await started.stop();
    logger.info('stopped');
    return ExitCode.finished;
  } catch (error) {
    logger.error(trouble, { error });
    if (!('exitCode' in (error as object))) logger.debug((error as Error).stack ?? '');
    return exitCodeOf(error);
  } finally {
    process.off('uncaughtException', onUncaught);
    signals.ignore();
  }
}

/**
 * Returns a promise `received`, which resolves at the first SIGTERM or SIGINT. With `withParent`, the exit of the
 * parent process counts as a signal, too. A second signal ends the process immediately.
 */
function listenForSignals(logger: Logger, withParent: boolean): { received: Promise<undefined>; ignore: () => void } {
  const names = ['SIGTERM', 'SIGINT'] as const;
  let onSignal: (name: string) => void = () => {};
  const received = new Promise<undefined>((resolveReceived) => {
    let first = true;
    onSignal = (name) => {
      if (!first) process.exit(ExitCode.unexpected);
      first = false;
      logger.info(`stopping: ${name}`);
      resolveReceived(undefined);
    };
  });
  const onDisconnect = () => onSignal('the parent process has exited');
  for (const name of names) process.on(name, onSignal);
  if (withParent) process.on('disconnect', onDisconnect);
  const ignore = () => {
    for (const name of names) process.off(name, onSignal);
    process.off('disconnect', onDisconnect);
  };
  return { received, ignore };
}
