// `npm run dev [-- arguments]`: runs a server with the arguments of `npm start`. Builds and restarts the server when a
// source file changes.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { ensure, rebuild, root } from './ensure.mjs';
import { watchSources } from './watch.mjs';

const program = join(root, 'packages/server/bin/nodekeeper.js');
const args = ['server', '--with-parent', ...process.argv.slice(2)];
let server;
let isLeaving = false;
let mustRestart = false;

ensure();
start();
watchSources(['packages/protocol', 'packages/server'], (paths) => {
  if (![...paths].some((path) => path.includes('/src/'))) return;
  if (!rebuild()) console.error('dev: the build failed. The server continues with the last good build');
  else if (server === undefined) start();
  else {
    mustRestart = true;
    server.kill('SIGTERM');
  }
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => leave(signal));

function start() {
  // The server runs in a process group of its own. A terminal sends ctrl-C to its whole group, and the server must get
  // the signal only once, from this process.
  server = fork(program, args, { execArgv: ['--enable-source-maps'], detached: true });
  server.on('exit', (code, signal) => {
    server = undefined;
    if (isLeaving) process.exit(code ?? 1);
    if (mustRestart) {
      mustRestart = false;
      start();
    } else
      console.error(
        `dev: the server ended with ${signal ?? `exit code ${code}`}; it starts again after the next change`,
      );
  });
}

function leave(signal) {
  if (isLeaving) return;
  isLeaving = true;
  if (server === undefined) process.exit(0);
  server.kill(signal);
}
