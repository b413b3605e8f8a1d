import { visible } from './format/visible.js';
import type { Sink } from './io.js';

type Stream = 'stdout' | 'stderr';

/** The sinks for standard output and standard error: the process's own streams, or a screen with a line editor. */
type Sinks = Readonly<Record<Stream, Sink>>;

/**
 * The shell's output, in one of two formats. The text format has the lines of ZooKeeper's shell, on the stream that
 * ZooKeeper's shell uses. The JSON format has one object per line: results and watch events on standard output,
 * everything else on standard error.
 */
export class Output {
  /**
   * The number of results printed so far. In JSON, the shell prints `{"ok":true}` for a command that left this number
   * unchanged.
   */
  results = 0;
  isJson: boolean;
  readonly #sinks: Sinks;

  constructor(sinks: Sinks, isJson: boolean) {
    this.#sinks = sinks;
    this.isJson = isJson;
  }

  /** Prints the result of a command. In JSON it always goes to standard output; `stream` is for the text format. */
  result(text: string, value: object, stream: Stream = 'stdout'): void {
    this.results++;
    if (this.isJson) this.#json('stdout', value);
    else this.#write(stream, `${text}\n`);
  }

  /** Prints a message that is neither the result of the command nor an error. */
  remark(text: string, stream: Stream): void {
    if (this.isJson) this.#json('stderr', { remark: text });
    else this.#write(stream, `${text}\n`);
  }

  error(text: string, details: object = {}): void {
    if (this.isJson) this.#json('stderr', { error: text, ...details });
    else this.#write('stderr', `${text}\n`);
  }

  /**
   * Prints an error on standard output without a line end, as ZooKeeper's shell prints some errors. In JSON it is
   * printed like any other error.
   */
  partialError(text: string): void {
    if (this.isJson) this.error(text);
    else this.#write('stdout', text);
  }

  /**
   * Prints an event of the session or of a watch. The text goes to standard output, the JSON object to `jsonStream`.
   */
  event(text: string, value: object, jsonStream: Stream): void {
    if (this.isJson) this.#json(jsonStream, value);
    else this.#write('stdout', `${text}\n`);
  }

  /** Prints a greeting or a prompt. JSON output omits both. */
  chat(text: string): void {
    if (!this.isJson) this.#write('stdout', text);
  }

  #json(stream: Stream, value: object): void {
    this.#write(stream, `${JSON.stringify(value)}\n`);
  }

  #write(stream: Stream, text: string): void {
    const sink = this.#sinks[stream];
    sink.write(sink.isTTY ? visible(text) : text);
  }
}
