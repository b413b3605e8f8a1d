import type { Writable } from 'node:stream';
import { runCommandLine } from './cli/command-line.js';

/** For a reader that is slow; one that hangs must not keep a server from ending. */
const readingMs = 3000;

// A terminal or log collector that has gone away must not take the server with it.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

const exitCode = await runCommandLine(process.argv.slice(2), {
  environment: process.env,
  stdout: (line) => process.stdout.write(`${line}\n`),
  stderr: (line) => process.stderr.write(`${line}\n`),
});
// what is still in a full pipe would be lost, and the last line says why the server ends
setTimeout(() => process.exit(exitCode), readingMs);
await Promise.all([process.stdout, process.stderr].map(written));
process.exit(exitCode);

function written(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
