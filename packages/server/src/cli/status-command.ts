import { createConnection } from 'node:net';
import { type Command, type CommandContext, UsageError } from './command.js';
import { ExitCode } from './exit-codes.js';
import { readConfig } from './read-config.js';

const timeoutMs = 5000;

/**
 * `nodekeeper status`: sends the four-letter word `srvr` to a server, and prints the answer as `zkServer.sh status`
 * does.
 */
export const statusCommand: Command = {
  name: 'status',
  usage: '[host:port | port | zoo.cfg]',
  summary: 'Print the role of a server (exit code 1 if it does not answer).',
  run: runStatus,
};

async function runStatus(args: readonly string[], { environment, stdout, stderr }: CommandContext): Promise<number> {
  if (args.length > 1 || args[0]?.startsWith('-'))
    throw new UsageError(`expected one server or file, not ${args.join(' ')}`);
  const target = findTarget(args[0], environment);
  if ('errors' in target) {
    for (const error of target.errors) stderr(error);
    return ExitCode.invalidInvocation;
  }
  const { host, port } = target;
  stdout(`Client port found: ${port}. Client address: ${host}. Client SSL: false.`);
  try {
    const answer = await ask(host, port, 'srvr');
    const mode = /^Mode: .*$/m.exec(answer)?.[0];
    if (mode !== undefined) {
      stdout(mode);
      return ExitCode.finished;
    }
    // The answer contains no mode. For example, a member without a leader answers only that it does not serve requests.
    stderr(`${host}:${port} answered: ${answer.trim()}`);
  } catch (error) {
    stderr((error as Error).message || `${host}:${port}: ${(error as NodeJS.ErrnoException).code}`);
  }
  stdout('Error contacting service. It is probably not running.');
  return ExitCode.unexpected;
}

type Target = { host: string; port: number } | { errors: string[] };

function findTarget(argument: string | undefined, environment: CommandContext['environment']): Target {
  const address = /^(?:\[?(?<host>[^[\]]+)\]?:)?(?<port>\d+)$/.exec(argument ?? '');
  if (address !== null) return { host: address.groups?.host ?? 'localhost', port: Number(address.groups?.port) };
  const result = readConfig(argument, environment, [], true);
  if (!result.ok) return result;
  const { clientPortAddress, clientPort } = result.config;
  const anywhere = clientPortAddress === null || /^(0\.0\.0\.0|::)$/.test(clientPortAddress);
  return { host: anywhere ? 'localhost' : clientPortAddress, port: clientPort };
}

/** Sends a four-letter word to a server. Resolves with the complete answer. */
export function ask(host: string, port: number, word: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = createConnection({ host, port, timeout: timeoutMs });
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.end(word));
    socket.on('data', (text) => {
      answer += text;
    });
    socket.on('timeout', () => socket.destroy(new Error(`${host}:${port} did not answer in ${timeoutMs} ms`)));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}
