import { visible } from './format/visible.js';
import type { Sink } from './io.js';

type Stream = 'stdout' | 'stderr';

/** Where the two streams go: the process's own, or a screen on which somebody is typing. */
type Sinks = Readonly<Record<Stream, Sink>>;

/**
 * What the shell prints, in one of two languages: the lines of Apache's shell, on the stream where Apache's prints
 * them; or JSON, one object a line, with results and watch events on standard output and all else on standard error.
 */
export class Output {
  /** How many results there were, so that a command without one can be confirmed in JSON. */
  results = 0;
  isJson: boolean;
  readonly #sinks: Sinks;

  constructor(sinks: Sinks, isJson: boolean) {
    this.#sinks = sinks;
    this.isJson = isJson;
  }

  /** What a command was asked for. */
  result(text: string, value: object, stream: Stream = 'stdout'): void {
    this.results++;
    if (this.isJson) this.#json('stdout', value);
    else this.#write(stream, `${text}\n`);
  }

  /** What a command says besides. */
  remark(text: string, stream: Stream): void {
    if (this.isJson) this.#json('stderr', { remark: text });
    else this.#write(stream, `${text}\n`);
  }

  error(text: string, details: object = {}): void {
    if (this.isJson) this.#json('stderr', { error: text, ...details });
    else this.#write('stderr', `${text}\n`);
  }

  /** As `error`, but Apache's shell prints it on standard output and does not end the line. */
  partialError(text: string): void {
    if (this.isJson) this.error(text);
    else this.#write('stdout', text);
  }

  /** What is not the answer to a command; the two languages may differ in the stream. */
  event(text: string, value: object, jsonStream: Stream): void {
    if (this.isJson) this.#json(jsonStream, value);
    else this.#write('stdout', `${text}\n`);
  }

  /** For those who read along: greetings and prompts. */
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
