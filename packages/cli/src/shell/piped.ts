import { createInterface } from 'node:readline';
import type { Io } from '../io.js';
import { withoutBackslashes } from '../parse/words.js';
import { firstConnectMs } from './connection.js';
import type { Shell } from './shell.js';

/**
 * Runs the lines of standard input. Prints the same prompts and greetings as ZooKeeper's shell with its line reader,
 * which every installation includes: scripts cut them off.
 */
export async function runPiped(shell: Shell, io: Io): Promise<void> {
  const { output } = shell;
  output.chat('Welcome to ZooKeeper!\nJLine support is enabled\n');
  // so that the first prompt shows CONNECTED, as ZooKeeper's usually does
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
