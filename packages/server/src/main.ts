import { runCommandLine } from './cli/command-line.js';

// A terminal or log collector that has gone away must not take the server with it.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

const exitCode = await runCommandLine(process.argv.slice(2), {
  environment: process.env,
  stdout: (line) => process.stdout.write(`${line}\n`),
  stderr: (line) => process.stderr.write(`${line}\n`),
});
process.exit(exitCode);
