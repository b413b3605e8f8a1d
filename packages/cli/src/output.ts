import { visible } from './format/visible.js';
import type { Sink } from './io.js';

type Stream = 'stdout' | 'stderr';

/** The targets of the two streams: the process's own, or a screen with a line editor. */
type Sinks = Readonly<Record<Stream, Sink>>;

/**
 * The shell's output, in one of two formats: the lines of ZooKeeper's shell, on the stream that ZooKeeper uses, or
 * JSON, one object per line. JSON results and watch events go to standard output and everything else to standard error.
 */
export class Output {
  /** The number of results so far. The shell uses it to confirm a command without a result in JSON. */
  results = 0;
  isJson: boolean;
  readonly #sinks: Sinks;

  constructor(sinks: Sinks, isJson: boolean) {
    this.#sinks = sinks;
    this.isJson = isJson;
  }

  /** The result of a command. */
  result(text: string, value: object, stream: Stream = 'stdout'): void {
    this.results++;
    if (this.isJson) this.#json('stdout', value);
    else this.#write(stream, `${text}\n`);
  }

  /** Any other message of a command. */
  remark(text: string, stream: Stream): void {
    if (this.isJson) this.#json('stderr', { remark: text });
    else this.#write(stream, `${text}\n`);
  }

  error(text: string, details: object = {}): void {
    if (this.isJson) this.#json('stderr', { error: text, ...details });
    else this.#write('stderr', `${text}\n`);
  }

  /** Like `error`, but on standard output and without a line end, as ZooKeeper's shell prints it. */
  partialError(text: string): void {
    if (this.isJson) this.error(text);
    else this.#write('stdout', text);
  }

  /** Output that does not answer a command. The stream may differ between the two formats. */
  event(text: string, value: object, jsonStream: Stream): void {
    if (this.isJson) this.#json(jsonStream, value);
    else this.#write('stdout', `${text}\n`);
  }

  /** Text for interactive use: greetings and prompts. */
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
