// `npm run dev [-- arguments]`: serves like `npm start`, with the same arguments. It builds and restarts when a source
// changes.
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
  // Detached, because a terminal sends ctrl-C to its whole group, and the server must get it only once.
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
