import type { ClientOptions } from '@nodekeeper/client';
import { failureOf } from './error-text.js';
import { Failure } from './failure.js';
import type { Io } from './io.js';
import { Output } from './output.js';
import { parseInt32 } from './parse/numbers.js';
import { Connection } from './shell/connection.js';
import { runInteractive } from './shell/interactive.js';
import { runPiped } from './shell/piped.js';
import { Screen } from './shell/screen.js';
import { Shell } from './shell/shell.js';
import { readClientConfiguration } from './start/client-configuration.js';
import { parseStartOptions, type StartOptions, startHelp } from './start/options.js';
import { fullVersion } from './version.js';

/**
 * Runs the program: one command, the lines of standard input, or an interactive shell. Resolves with the exit code. As
 * in ZooKeeper's shell, a one-shot command leaves its session open. The ephemeral node that a one-shot `create -e`
 * creates exists until this session expires.
 */
export async function run(io: Io, words: readonly string[]): Promise<number> {
  const options = parseStartOptions(words);
  if (options.only !== undefined) {
    io.stdout.write(`${options.only === 'help' ? startHelp() : fullVersion()}\n`);
    return 0;
  }
  const isOneShot = options.command.length > 0;
  const screen = io.isInteractive && !isOneShot ? new Screen(io) : undefined;
  const output = new Output(screen ?? io, options.isJson);
  if (options.fault !== undefined) output.error(options.fault);
  output.chat(`Connecting to ${options.servers}\n`);
  try {
    const shell = await openShell(io, output, options);
    if (isOneShot) await shell.process(options.command);
    else if (screen !== undefined) await runInteractive(shell, screen, io);
    else await runPiped(shell, io);
    return shell.exitCode;
  } catch (error) {
    const { message, exitCode, details } = failureOf(error);
    output.error(message, details);
    return exitCode;
  }
}

async function openShell(io: Io, output: Output, options: StartOptions): Promise<Shell> {
  const { clientConfiguration, isReadOnly: readOnly, waitsForConnection } = options;
  const configured = clientConfiguration === undefined ? {} : readClientConfiguration(clientConfiguration);
  const sessionTimeoutMs = readTimeout(options.timeout);
  const clientOptions: ClientOptions = { sessionTimeoutMs, readOnly, ...configured };
  const connection = new Connection(io, output, clientOptions, waitsForConnection ? sessionTimeoutMs : 0);
  await connection.open(options.servers);
  return new Shell(connection, output);
}

function readTimeout(text: string): number {
  try {
    return parseInt32(text);
  } catch {
    throw new Failure(`-timeout ${text} is not a whole number of milliseconds`);
  }
}
