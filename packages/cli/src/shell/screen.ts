import { clearScreenDown, cursorTo, type Interface, moveCursor } from 'node:readline';
import type { Writable } from 'node:stream';
import type { Io, Sink } from '../io.js';

interface Editor {
  readonly reader: Interface;
  prompt(): string;
}

/** A terminal with a line editor. Output appears above the line that the user is typing. */
export class Screen {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly #terminal: Writable;
  #editor: Editor | undefined;

  constructor(io: Io) {
    this.#terminal = io.stdout;
    this.stdout = { isTTY: true, write: (text) => this.#print(io.stdout, text) };
    this.stderr = { isTTY: io.stderr.isTTY === true, write: (text) => this.#print(io.stderr, text) };
  }

  /** Shows the prompt of this line editor. With undefined, output goes directly to the terminal. */
  edit(editor: Editor | undefined): void {
    this.#editor = editor;
    if (editor === undefined) return;
    editor.reader.setPrompt(editor.prompt());
    editor.reader.prompt(true);
  }

  #print(stream: Writable, text: string): void {
    const editor = this.#editor;
    if (editor === undefined) {
      stream.write(text);
      return;
    }
    moveCursor(this.#terminal, 0, -editor.reader.getCursorPos().rows);
    cursorTo(this.#terminal, 0);
    clearScreenDown(this.#terminal);
    stream.write(text);
    this.edit(editor);
  }
}
