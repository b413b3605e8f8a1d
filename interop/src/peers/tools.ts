import { execFile } from 'node:child_process';

/** Thrown if a tool is missing on this machine. The suite is then skipped, and its result shows the message. */
export class MissingTool extends Error {}

interface CommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

interface CommandOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  timeoutMs?: number;
  input?: string;
}

/**
 * Runs a command until it ends, and returns its exit code and output. Throws if the command cannot be started, or if it
 * exceeds its time limit.
 */
export function runCommand(command: string, args: string[], options: CommandOptions = {}): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      args,
      {
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        env: options.env ?? process.env,
        timeout: options.timeoutMs ?? 300_000,
        killSignal: 'SIGKILL',
        maxBuffer: 256 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        if (error === null) return resolve({ exitCode: 0, stdout, stderr });
        if (typeof error.code === 'number') return resolve({ exitCode: error.code, stdout, stderr });
        const output = tail(stdout + stderr, 30);
        reject(new Error(`${command} ${args.join(' ')}: ${error.message}\n${output}`, { cause: error }));
      },
    );
    child.stdin?.on('error', () => {}); // the command may end before it has read all its input
    child.stdin?.end(options.input ?? '');
  });
}

/**
 * Runs a command until it ends, and throws if its exit code is not 0. The error contains the last lines of the output.
 */
export async function mustRun(command: string, args: string[], options: CommandOptions = {}): Promise<CommandResult> {
  const result = await runCommand(command, args, options);
  if (result.exitCode === 0) return result;
  const output = tail(result.stdout + result.stderr, 40);
  throw new Error(`${command} ${args.join(' ')} ended with exit code ${result.exitCode}\n${output}`);
}

/** Throws MissingTool unless `command` runs successfully with harmless arguments, by default `--version`. */
export async function needTool(command: string, args: string[] = ['--version']): Promise<void> {
  try {
    await mustRun(command, args, { timeoutMs: 60_000 });
  } catch (error) {
    throw new MissingTool(`${command} is not installed on this machine (or does not start)`, { cause: error });
  }
}

export function tail(text: string, lines: number): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
