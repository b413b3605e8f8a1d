import type { Command } from '../commands/command.js';
import { readWords } from '../commands/read-call.js';
import { findCommand, shellUsage } from '../commands/table.js';
import { failureOf } from '../error-text.js';
import { Failure } from '../failure.js';
import type { Output } from '../output.js';
import { withoutJsonFlag } from '../parse/json-flag.js';
import { splitWords } from '../parse/words.js';
import type { Connection } from './connection.js';
import { History } from './history.js';

const interrupted = new Failure('Interrupted', 130);

/** Runs command lines one at a time. */
export class Shell {
  readonly connection: Connection;
  readonly output: Output;
  readonly history = new History();
  /** The exit code of the last command. */
  exitCode = 0;
  hasQuit = false;
  #running: AbortController | undefined;

  constructor(connection: Connection, output: Output) {
    this.connection = connection;
    this.output = output;
  }

  get prompt(): string {
    const { servers, state } = this.connection;
    return `[zk: ${servers}(${state}) ${this.history.count}] `;
  }

  /** Runs a typed line and adds it to the history. Ignores an empty line. */
  async execute(line: string): Promise<void> {
    if (line === '') return;
    this.history.begin(line);
    await this.process(splitWords(line));
    this.history.end();
  }

  /** Runs a command, given as its name and arguments. Prints any error and sets the exit code. */
  async process(words: readonly string[]): Promise<void> {
    const { output } = this;
    const wasJson = output.isJson;
    const flagged = withoutJsonFlag(words);
    if (flagged !== undefined) output.isJson = true;
    const outer = this.#running;
    const { signal } = (this.#running = new AbortController());
    try {
      await this.#run(flagged ?? words, signal);
      // `quit` does not change the exit code of the command before it
      if (!this.hasQuit) this.exitCode = 0;
    } catch (error) {
      const { message, exitCode, details } = signal.aborted ? interrupted : failureOf(error);
      this.exitCode = exitCode;
      output.error(message, details);
    } finally {
      this.#running = outer;
      output.isJson = wasJson;
    }
  }

  /** Aborts the running command. Returns false if no command is running. */
  interrupt(): boolean {
    this.#running?.abort();
    return this.#running !== undefined;
  }

  async quit(): Promise<void> {
    this.hasQuit = true;
    await this.connection.close();
  }

  async #run(words: readonly string[], signal: AbortSignal): Promise<void> {
    const command = this.#find(words[0]);
    if (command.isLocal) await this.#call(command, words, signal);
    if (this.hasQuit || command.isExtra) return;
    // Check the connection for a local command, too, but only after running the command, as ZooKeeper's shell does.
    if (!this.connection.isAlive) return this.output.remark('Not connected', 'stdout');
    if (!command.isLocal) await this.#call(command, words, signal);
  }

  #find(name: string | undefined): Command {
    const command = name === undefined ? undefined : findCommand(name);
    if (command !== undefined) return command;
    if (!this.output.isJson) this.output.error(shellUsage());
    if (name === undefined) throw new Failure('No command entered');
    throw new Failure(`Command not found: Command not found ${name}`, 127);
  }

  async #call(command: Command, words: readonly string[], signal: AbortSignal): Promise<void> {
    const { output, connection } = this;
    const resultsBefore = output.results;
    const parsed = readWords(command, words, output);
    const zk = connection.requests(signal);
    await command.run({ ...parsed, word: (index) => wordAt(parsed.words, index), output, zk, shell: this });
    if (output.isJson && output.results === resultsBefore) output.result('', { ok: true });
  }
}

function wordAt(words: readonly string[], index: number): string {
  const word = words[index];
  if (word === undefined) throw new Error(`word ${index + 1} is missing: the command's row does not require it`);
  return word;
}
