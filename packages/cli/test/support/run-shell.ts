import { PassThrough, Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { ZooKeeper } from '@nodekeeper/client';
import type { Io } from '../../src/io.js';
import { run } from '../../src/run.js';

interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** A stream that stores the text written to it, and emits the event `text` after each write. */
export class Recorder extends Writable {
  text = '';
  /** True if the test simulates a terminal. */
  isTTY = false;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
    this.emit('text');
  }
}

export interface TestIo extends Io {
  readonly stdin: PassThrough;
  readonly stdout: Recorder;
  readonly stderr: Recorder;
}

/**
 * In-memory input and output for a shell in this process. The sessions that the shell opens are closed at the end of
 * the test.
 */
export function testIo(context: TestContext, isInteractive = false): TestIo {
  const clients: ZooKeeper[] = [];
  context.after(() => Promise.all(clients.map((client) => client.close())));
  return {
    stdin: new PassThrough(),
    stdout: new Recorder(),
    stderr: new Recorder(),
    isInteractive,
    env: { ZKCLI_HISTORY: '' },
    openClient(servers, options) {
      const client = new ZooKeeper(servers, options);
      clients.push(client);
      return client;
    },
  };
}

/** Runs `zkcli -server 127.0.0.1:<port> <words>` with `lines` as its standard input. */
export async function zkcli(
  context: TestContext,
  port: number | undefined,
  words: readonly string[],
  lines: readonly string[] = [],
): Promise<Printed> {
  const io = testIo(context);
  io.stdin.end(lines.map((line) => `${line}\n`).join(''));
  const exitCode = await run(io, ['-server', `127.0.0.1:${port}`, ...words]);
  return { stdout: io.stdout.text, stderr: io.stderr.text, exitCode };
}

/**
 * Runs a one-shot command. Returns its output without two parts: the greeting, and the event that reports the
 * connection.
 */
export async function command(context: TestContext, port: number | undefined, ...words: string[]): Promise<Printed> {
  const printed = await zkcli(context, port, words);
  const greeting =
    /^Connecting to .*\n|\nWATCHER::\n\nWatchedEvent state:SyncConnected type:None path:null zxid: -1\n/g;
  return { ...printed, stdout: printed.stdout.replaceAll(greeting, '') };
}
