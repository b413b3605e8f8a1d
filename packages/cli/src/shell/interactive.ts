import { createInterface, type Interface } from 'node:readline';
import type { Io } from '../io.js';
import { withoutBackslashes } from '../parse/words.js';
import { complete } from './completion.js';
import { firstConnectMs } from './connection.js';
import { HistoryFile, historyMax } from './history-file.js';
import type { Screen } from './screen.js';
import type { Shell } from './shell.js';

const greeting = 'Welcome to ZooKeeper! (help lists the commands, Tab completes, exit leaves)\n';

/** Runs the lines that the user types, until `exit`, `quit` or ctrl-D. */
export async function runInteractive(shell: Shell, screen: Screen, io: Io): Promise<void> {
  shell.output.chat(greeting);
  await shell.connection.settle(firstConnectMs);
  const file = new HistoryFile(io.env);
  const reader = createInterface({
    input: io.stdin,
    output: io.stdout,
    terminal: true,
    history: file.load().reverse(),
    historySize: historyMax,
    removeHistoryDuplicates: true,
    completer: (line, done) => void complete(line, shell.connection).then((found) => done(null, found)),
  });
  const hasColour = !io.env.NO_COLOR && io.env.TERM !== 'dumb';
  const editor = { reader, prompt: () => (hasColour ? colouredPrompt(shell) : shell.prompt) };
  reader.on('SIGINT', () => onInterrupt(shell, reader));
  screen.edit(editor);
  for await (const line of reader) {
    screen.edit(undefined);
    file.append(line);
    await shell.execute(withoutBackslashes(line));
    if (shell.hasQuit) break;
    screen.edit(editor);
  }
  screen.edit(undefined);
  reader.close();
  if (!shell.hasQuit) {
    io.stdout.write('\n');
    await shell.quit();
  }
}

/** Handles ctrl-C: aborts the running command, or clears the typed line if no command is running. */
function onInterrupt(shell: Shell, reader: Interface): void {
  if (shell.interrupt()) return;
  reader.write(null, { ctrl: true, name: 'e' });
  reader.write(null, { ctrl: true, name: 'u' });
}

const green = 32;
const yellow = 33;
const red = 31;

function colouredPrompt(shell: Shell): string {
  const { state } = shell.connection;
  const colour = state.startsWith('CONNECTED') ? green : state === 'CONNECTING' ? yellow : red;
  return shell.prompt.replace(`(${state})`, `(\x1b[${colour}m${state}\x1b[39m)`);
}
