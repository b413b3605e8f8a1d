import { createInterface } from 'node:readline';
import type { Io } from '../io.js';
import { withoutBackslashes } from '../parse/words.js';
import { firstConnectMs } from './connection.js';
import type { Shell } from './shell.js';

/**
 * Runs the lines of standard input. Prints the prompts and greetings of ZooKeeper's shell, because scripts for that
 * shell expect and skip these lines. JLine is the line reader of ZooKeeper's shell.
 */
export async function runPiped(shell: Shell, io: Io): Promise<void> {
  const { output } = shell;
  output.chat('Welcome to ZooKeeper!\nJLine support is enabled\n');
  // wait for the connection, so that the first prompt shows CONNECTED, as the first prompt of ZooKeeper's shell usually
  // does
  await shell.connection.settle(firstConnectMs);
  output.chat(shell.prompt);
  const lines = createInterface({ input: io.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    await shell.execute(withoutBackslashes(line));
    if (shell.hasQuit) return;
    output.chat(shell.prompt);
  }
  output.chat('JLine support is disabled\n');
}
