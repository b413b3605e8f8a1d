import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const historyMax = 1000;

/**
 * The file with the lines typed in earlier runs of the shell. The history is optional, so errors when reading or
 * writing the file are ignored.
 */
export class HistoryFile {
  readonly #path: string;
  #last = '';

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.#path = env.ZKCLI_HISTORY ?? join(homedir(), '.zkcli_history');
  }

  /** Reads the lines, oldest first. Shortens the file if it has become too long. */
  load(): string[] {
    const lines = this.#read();
    const kept = lines.slice(-historyMax);
    if (lines.length > 2 * historyMax) this.#write(() => writeFileSync(this.#path, `${kept.join('\n')}\n`));
    return kept;
  }

  append(line: string): void {
    // skip `addauth`, so that no password is written to the file
    if (line.trim() === '' || line === this.#last || /^\s*["']?addauth\b/.test(line)) return;
    this.#last = line;
    this.#write(() => appendFileSync(this.#path, `${line}\n`, { mode: 0o600 }));
  }

  #read(): string[] {
    try {
      return readFileSync(this.#path, 'utf8').split('\n').filter(Boolean);
    } catch {
      return [];
    }
  }

  #write(write: () => void): void {
    if (this.#path === '') return;
    try {
      write();
    } catch {
      // the history is optional
    }
  }
}
