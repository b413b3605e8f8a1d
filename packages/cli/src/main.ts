import { ZooKeeper } from '@nodekeeper/client';
import { failureOf } from './error-text.js';
import { run } from './run.js';

const { stdin, stdout, stderr, env } = process;

// whoever reads our output may have seen enough: `zkcli ls -R / | head`
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
}

/** One line, never a stack trace. */
function fail(error: unknown): never {
  stderr.write(`${failureOf(error).message}\n`);
  process.exit(1);
}
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

const isInteractive = stdin.isTTY === true && stdout.isTTY === true;
const openClient = (servers: string, options: ConstructorParameters<typeof ZooKeeper>[1]) =>
  new ZooKeeper(servers, options);

// not only `exitCode`: an open connection would keep the process alive
process.exit(await run({ stdin, stdout, stderr, isInteractive, env, openClient }, process.argv.slice(2)));
