import type { Writable } from 'node:stream';
import { ZooKeeper } from '@nodekeeper/client';
import { failureOf } from './error-text.js';
import { visible } from './format/visible.js';
import { run } from './run.js';

const { stdin, stdout, stderr, env } = process;

/** Streams that failed. Writing to one would raise the same error again. */
const broken = new Set<Writable>();

// the reader may close the pipe early: `zkcli ls -R / | head`
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    broken.add(stream);
    void exit(error.code === 'EPIPE' ? 0 : 1);
  });
}

/** Prints one line, never a stack trace. */
function fail(error: unknown): void {
  const { message } = failureOf(error);
  if (!broken.has(stderr)) stderr.write(`${stderr.isTTY ? visible(message) : message}\n`);
  void exit(1);
}
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

/**
 * Setting `exitCode` is not enough: an open connection would keep the process alive. Waits until slow readers have
 * received everything.
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
