import type { Writable } from 'node:stream';
import { runCommandLine } from './cli/command-line.js';

/** Time for a slow reader of the output. A reader that hangs must not keep the process alive. */
const readingMs = 3000;

// A terminal or log collector that exits must not stop the server.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

const exitCode = await runCommandLine(process.argv.slice(2), {
  environment: process.env,
  stdout: (line) => process.stdout.write(`${line}\n`),
  stderr: (line) => process.stderr.write(`${line}\n`),
});
// Wait until the pipes are empty: the last line may say why the server ends.
setTimeout(() => process.exit(exitCode), readingMs);
await Promise.all([process.stdout, process.stderr].map(written));
process.exit(exitCode);

function written(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
