import type { Writable } from 'node:stream';
import { ZooKeeper } from '@nodekeeper/client';
import { failureOf } from './error-text.js';
import { visible } from './format/visible.js';
import { run } from './run.js';

const { stdin, stdout, stderr, env } = process;

/** What nobody reads any more, and what must not be written to: each write would be an error again. */
const broken = new Set<Writable>();

// whoever reads our output may have seen enough: `zkcli ls -R / | head`
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    broken.add(stream);
    void exit(error.code === 'EPIPE' ? 0 : 1);
  });
}

/** One line, never a stack trace. */
function fail(error: unknown): void {
  const { message } = failureOf(error);
  if (!broken.has(stderr)) stderr.write(`${stderr.isTTY ? visible(message) : message}\n`);
  void exit(1);
}
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

/** Not only `exitCode`: an open connection would keep the process alive. A slow reader gets all that was printed first. */
async function exit(code: number): Promise<never> {
  await Promise.all([stdout, stderr].map(printed));
  process.exit(code);
}

/** Resolves when everything has left for whoever reads it, or nobody does. */
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
