import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { logLevels } from '../log/create-logger.js';
import { type Command, type CommandContext, UsageError } from './command.js';
import { ExitCode } from './exit-codes.js';
import { localHost, type MemberPlan, PortTakenError, planMembers, writeMemberFiles } from './member-files.js';
import { MemberProcess } from './member-process.js';
import { ask } from './status-command.js';

const largestSize = 15;
const pollMs = 100;
/** Settings that `--set` refuses, because their values differ for each server. */
const ownKeys = /^(dataDir|dataLogDir|clientPort|server\.\d+)=/;

/**
 * `nodekeeper ensemble`: runs several servers in one terminal, to show how an ensemble behaves. Each server is a
 * separate process. A single server can therefore be killed, and the servers run in parallel, as on separate machines.
 */
export const ensembleCommand: Command = {
  name: 'ensemble',
  usage: '[--size 3] [--port 2181] [--dir ./data] [--set key=value]... [--log-level debug|info|warn|error]',
  summary: 'Run an ensemble of several servers in this terminal, to try nodekeeper.',
  details: [
    '--size n            the number of servers, 2 to 15 (default 3)',
    '--port p            the first client port, followed by the others; 0 picks free ports (default 2181)',
    "--dir directory     the parent of the servers' directories 1, 2, ... with zoo.cfg and data (default ./data)",
    '--set key=value     an option for every server',
    '--log-level level   the lowest level to log (default info)',
    'Type a number and Enter to stop or restart that server; ctrl-C stops all.',
  ],
  run: runEnsemble,
};

async function runEnsemble(args: readonly string[], context: CommandContext): Promise<number> {
  const { size, port, directory, serverOptions } = parseEnsembleArguments(args);
  let plans: MemberPlan[];
  try {
    plans = await planMembers(size, port, directory);
    for (const plan of plans) writeMemberFiles(plan, plans);
  } catch (error) {
    context.stderr((error as Error).message);
    return error instanceof PortTakenError ? ExitCode.portNotAvailable : ExitCode.storageNotAccessible;
  }
  return new Ensemble(plans, serverOptions, context).run();
}

function parseEnsembleArguments(args: readonly string[]) {
  const { values } = parse(args);
  const set = values.set ?? [];
  const own = set.find((option) => ownKeys.test(option));
  if (own !== undefined) throw new UsageError(`--set ${own}: this value differs for each server and cannot be set`);
  const level = values['log-level'] ?? 'info';
  if (!logLevels.some((known) => known === level)) {
    throw new UsageError(`--log-level must be one of ${logLevels.join(', ')}, not ${level}`);
  }
  return {
    size: integer('--size', values.size ?? '3', 2, largestSize),
    port: integer('--port', values.port ?? '2181', 0, 65_535),
    directory: values.dir ?? './data',
    serverOptions: [...set.flatMap((option) => ['--set', option]), '--log-level', level],
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        size: { type: 'string' },
        port: { type: 'string' },
        dir: { type: 'string' },
        set: { type: 'string', multiple: true },
        'log-level': { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function integer(option: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`${option} must be a number from ${min} to ${max}, not ${text}`);
}

class Ensemble {
  readonly #members: readonly MemberProcess[];
  readonly #context: CommandContext;
  #finish: (exitCode: number) => void = () => {};
  #isStopping = false;

  constructor(plans: readonly MemberPlan[], serverOptions: readonly string[], context: CommandContext) {
    this.#context = context;
    this.#members = plans.map((plan) => {
      const print = (line: string) => context.stderr(`[${plan.id}] ${line}`);
      return new MemberProcess(plan, serverOptions, print, (how) => this.#ended(plan.id, how));
    });
  }

  async run(): Promise<number> {
    const finished = new Promise<number>((resolve) => {
      this.#finish = resolve;
    });
    const signals = ['SIGINT', 'SIGTERM'] as const;
    const onSignal = () => void this.#stop();
    for (const signal of signals) process.on(signal, onSignal);
    const keyboard = process.stdin.isTTY ? createInterface({ input: process.stdin }) : undefined;
    keyboard?.on('line', (line) => this.#typed(line.trim()));
    for (const member of this.#members) member.start();
    void this.#announce();
    const exitCode = await finished;
    keyboard?.close();
    for (const signal of signals) process.off(signal, onSignal);
    return exitCode;
  }

  /** Waits until every running server has a role, and then prints the addresses of the servers. */
  async #announce(): Promise<void> {
    const roles = new Map<number, string>();
    while (!this.#isStopping) {
      for (const { pid, plan } of this.#members) {
        const role = pid === undefined ? 'ended' : await roleOf(plan.clientPort);
        if (role !== undefined) roles.set(plan.id, role);
        else roles.delete(plan.id);
      }
      if (roles.size === this.#members.length) break;
      await new Promise((next) => setTimeout(next, pollMs));
    }
    if (this.#isStopping) return;
    const { stdout } = this.#context;
    const addresses = this.#members.map(({ plan }) => `${localHost}:${plan.clientPort}`);
    stdout(`The ensemble serves. Connect to ${addresses.join(',')}`);
    for (const { pid, plan } of this.#members) {
      stdout(`  ${plan.id}  ${roles.get(plan.id)!.padEnd(8)}  port ${plan.clientPort}  pid ${pid}  ${plan.directory}`);
    }
    const typing = process.stdin.isTTY ? 'Type a number and Enter to stop or restart that server; ctrl-C' : 'ctrl-C';
    stdout(`${typing} stops all.`);
  }

  #typed(line: string): void {
    const member = this.#members.find(({ plan }) => String(plan.id) === line);
    if (member === undefined || this.#isStopping) {
      if (line !== '') this.#context.stdout(`there is no server ${line}`);
    } else if (member.pid === undefined) {
      void member.gone.then(() => member.start());
    } else {
      void member.stop().then(() => this.#context.stdout(`server ${line} is stopped`));
    }
  }

  #ended(id: number, how: string): void {
    this.#context.stdout(`server ${id} has ended: ${how}`);
    const isOver = this.#members.every(({ pid }) => pid === undefined);
    // on a terminal the command continues, because the user can start the servers again
    if (isOver && !process.stdin.isTTY) this.#finish(ExitCode.unexpected);
  }

  /** Stops all servers. The second call kills the servers that are still running. */
  async #stop(): Promise<void> {
    if (this.#isStopping) {
      for (const member of this.#members) member.kill();
      this.#finish(ExitCode.unexpected);
      return;
    }
    this.#isStopping = true;
    await Promise.all(this.#members.map((member) => member.stop()));
    this.#finish(ExitCode.finished);
  }
}

/** Returns the role that the server reports in `srvr`; undefined while the server does not serve clients. */
async function roleOf(port: number): Promise<string | undefined> {
  try {
    return /^Mode: (.*)$/m.exec(await ask(localHost, port, 'srvr'))?.[1];
  } catch {
    return undefined;
  }
}
