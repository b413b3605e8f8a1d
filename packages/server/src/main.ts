import type { Writable } from 'node:stream';
import { runCommandLine } from './cli/command-line.js';

/**
 * At exit, a slow reader of stdout or stderr has this much time to read the last lines. Then the process exits, because
 * a reader that hangs must not keep it alive.
 */
const readingMs = 3000;

// Ignore failed writes: the server continues when the terminal or the log collector has exited.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

const exitCode = await runCommandLine(process.argv.slice(2), {
  environment: process.env,
  stdout: (line) => process.stdout.write(`${line}\n`),
  stderr: (line) => process.stderr.write(`${line}\n`),
});
// Exit only when stdout and stderr are flushed, because the last line may say why the server ends.
setTimeout(() => process.exit(exitCode), readingMs);
await Promise.all([process.stdout, process.stderr].map(written));
process.exit(exitCode);

function written(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
