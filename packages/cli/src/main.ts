import type { Writable } from 'node:stream';
import { ZooKeeper } from '@nodekeeper/client';
import { failureOf } from './error-text.js';
import { visible } from './format/visible.js';
import { run } from './run.js';

const { stdin, stdout, stderr, env } = process;

/** Output streams that have failed. A write to such a stream would raise the error a second time. */
const broken = new Set<Writable>();

// an output fails if its reader closes the pipe early, as in `zkcli ls -R / | head`
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    broken.add(stream);
    void exit(error.code === 'EPIPE' ? 0 : 1);
  });
}

/** Prints the error as one line without a stack trace, and exits with code 1. */
function fail(error: unknown): void {
  const { message } = failureOf(error);
  if (!broken.has(stderr)) stderr.write(`${stderr.isTTY ? visible(message) : message}\n`);
  void exit(1);
}
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

/**
 * Ends the process after slow readers have received all output. Setting `process.exitCode` is not enough, because an
 * open connection would keep the process alive.
 */
async function exit(code: number): Promise<never> {
  await Promise.all([stdout, stderr].map(printed));
  process.exit(code);
}

/** Resolves when the stream has written all its output or has failed. */
function printed(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (broken.has(stream)) resolve();
    else stream.write('', () => resolve());
  });
}

const isInteractive = stdin.isTTY === true && stdout.isTTY === true;
const openClient = (servers: string, options: ConstructorParameters<typeof ZooKeeper>[1]) =>
  new ZooKeeper(servers, options);

await exit(await run({ stdin, stdout, stderr, isInteractive, env, openClient }, process.argv.slice(2)));
