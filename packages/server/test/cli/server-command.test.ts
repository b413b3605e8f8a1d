import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { apacheVersion, packageVersion } from '../../src/admin/version.js';
import { serverCommand } from '../../src/cli/server-command.js';
import type { ServerConfig } from '../../src/config/server-config.js';
import type { RunningServer, StartServer } from '../../src/node.js';
import { temporaryDirectory } from '../support/real-server.js';

/**
 * Runs `nodekeeper server` with `startServer` in place of the function that starts a real server. `onLine` gets each
 * log line.
 */
async function run(startServer: StartServer, args: string[] = [], onLine: (line: string) => void = () => {}) {
  const lines: string[] = [];
  const stderr = (line: string) => {
    lines.push(line);
    onLine(line);
  };
  const code = await serverCommand(async () => startServer).run(args, { environment: {}, stdout: () => {}, stderr });
  return { code, log: lines.join('\n') };
}

function recordingServer() {
  const calls: string[] = [];
  const server: RunningServer = {
    port: 2191,
    stop: async () => void calls.push('stop'),
  };
  return { calls, server };
}

function stopWhenServing(line: string): void {
  if (line.includes('serves')) setImmediate(() => process.emit('SIGTERM', 'SIGTERM'));
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} stops the server cleanly with exit code 0`, async () => {
    const { calls, server } = recordingServer();
    const { code, log } = await run(
      async () => server,
      [],
      (line) => {
        if (line.includes('serves')) setImmediate(() => process.emit(signal, signal));
      },
    );
    assert.equal(code, 0);
    assert.deepEqual(calls, ['stop']);
    assert.match(log, new RegExp(`stopping: ${signal}\\n.*stopped$`));
    assert.equal(process.listenerCount(signal), 0);
  });
}

test('the banner is one line with version, client address, file, data directory and mode', async () => {
  const { server } = recordingServer();
  const { log } = await run(async () => server, ['--set', 'dataDir=/var/x', '--log', 'json'], stopWhenServing);
  const banner = log.split('\n').map((line) => JSON.parse(line))[0];
  assert.equal(banner.message, `nodekeeper ${apacheVersion}-nodekeeper-${packageVersion} serves`);
  assert.deepEqual([banner.port, banner.data, banner.mode], [2191, '/var/x', 'standalone']);
  assert.deepEqual([banner.clients, banner.peers, banner.file], ['*:2191', undefined, 'none']);
});

test('a server that cannot start logs an error, and exits with 1 or the code of the error', async () => {
  const fails = (error: Error) => run(async () => Promise.reject(error));
  const plain = await fails(new Error('port 2181 is in use'));
  assert.equal(plain.code, 1);
  assert.match(plain.log, /ERROR the server cannot start error="port 2181 is in use"$/);
  assert.equal((await fails(Object.assign(new Error('no'), { exitCode: 3 }))).code, 3);
});

test('a server that fails while it runs logs one line with the reason, and exits with its code', async () => {
  const failing = (more: object): StartServer => {
    return async () => ({
      ...recordingServer().server,
      failed: Promise.reject(Object.assign(new Error('cannot listen on zk1:3888, the electionPort'), more)),
    });
  };
  const port = await run(failing({ exitCode: 14 }));
  assert.equal(port.code, 14);
  assert.match(port.log, /serves.*\n.*ERROR the server ends error="cannot listen on zk1:3888, the electionPort"$/);
  assert.equal((await run(failing({ exitCode: undefined }))).code, 1);
});

test('a member of an ensemble logs that it is up, not that it serves, with its ports and its file', async (context) => {
  const { server } = recordingServer();
  const dataDir = temporaryDirectory(context);
  writeFileSync(join(dataDir, 'myid'), '2');
  const servers = ['server.1=a:1:2', 'server.2=b:1:2', 'server.3=c:1:2'];
  const lines = [...servers, 'initLimit=5', 'syncLimit=2', `dataDir=${dataDir}`];
  const file = join(dataDir, 'zoo.cfg');
  writeFileSync(file, lines.join('\n'));
  const args = [file];
  const { code, log } = await run(
    async () => server,
    args,
    (line) => {
      if (line.includes('is up')) setImmediate(() => process.emit('SIGTERM', 'SIGTERM'));
    },
  );
  assert.equal(code, 0, log);
  assert.match(
    log,
    /INFO {2}nodekeeper \S+ is up .*clients=\*:2191 peers=b:1:2 file=\/\S*\/zoo\.cfg .*mode="server 2 of 3"/,
  );
});

test('a signal during recovery ends the process at once', async () => {
  const starting = () => {
    setImmediate(() => process.emit('SIGTERM', 'SIGTERM'));
    return new Promise<RunningServer>(() => {});
  };
  assert.equal((await run(starting)).code, 0);
});

test('the configuration reaches the server, and its warnings and notes reach the log', async () => {
  let config: ServerConfig | undefined;
  const { server } = recordingServer();
  const start: StartServer = async (given) => {
    config = given;
    return server;
  };
  const options = ['clientPort=0', 'admin.enableServer=true', 'admin.serverPort=1'];
  const args = [...options.flatMap((option) => ['--set', option]), '--log-level', 'debug'];
  const { log } = await run(start, args, stopWhenServing);
  assert.equal(config?.clientPort, 0);
  assert.match(log, /WARN {2}options that are not supported yet are ignored: admin\.enableServer \(--set\)/);
  assert.match(log, /INFO {2}options without effect: admin\.serverPort \(--set\)/);
  assert.match(log, /DEBUG configuration that differs from the defaults clientPort=0/);
});
