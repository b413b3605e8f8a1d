import { clipped } from './log-text.js';
import type { LogFields, Logger } from './logger.js';

const windowMs = 10_000;
/** Number of lines that are written for one address and one reason in a window. */
const linesPerReason = 3;
const reasonsPerAddress = 8;
/** Maximum number of pairs of address and reason. Lines of further pairs are counted together. */
const reasonsMax = 500;
const linesMax = 200;
const summariesMax = 50;
const reasonLength = 64;
const summaryLength = 256;

type Level = keyof Logger;

/** The lines about one address for one reason. */
interface Repetition {
  readonly level: Level;
  /** The text of the first line. Undefined for an entry that combines several reasons. */
  readonly message: string | undefined;
  readonly address: string;
  count: number;
  leftOut: number;
}

/**
 * Limits repeated log lines about one address: writes the first few lines, then only the number of omitted lines.
 * Without this limit, a client that provokes log lines could fill the server's disk. The address of a line is its field
 * `client`, its field `session`, or an address in its text. Lines without an address and lines of level debug are not
 * limited.
 */
export class LimitedLogger implements Logger {
  readonly #logger: Logger;
  readonly #clock: { monotonicMs(): number };
  readonly #repetitions = new Map<string, Repetition>();
  readonly #reasonsOf = new Map<string, number>();
  #lines = 0;
  #startMs = 0;

  constructor(logger: Logger, clock: { monotonicMs(): number }) {
    this.#logger = logger;
    this.#clock = clock;
  }

  debug(message: string, fields?: LogFields): void {
    this.#logger.debug(message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#write('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields);
  }

  #write(level: Level, message: string, fields: LogFields | undefined): void {
    const address = addressOf(message, fields);
    if (address !== undefined && !this.#admits(level, message, address)) return;
    this.#logger[level](message, fields);
  }

  #admits(level: Level, message: string, address: string): boolean {
    this.flush();
    if (this.#repetitions.size === 0) this.#startMs = this.#clock.monotonicMs();
    const repetition = this.#repetitionOf(level, message, address);
    if (repetition.count++ < linesPerReason && this.#lines < linesMax) {
      this.#lines++;
      return true;
    }
    repetition.leftOut++;
    return false;
  }

  #repetitionOf(level: Level, message: string, address: string): Repetition {
    const reason = message.slice(0, reasonLength).replace(/[0-9a-f]*\d[0-9a-f]*/gi, '#');
    const known = this.#repetitions.get(`${address} ${reason}`);
    if (known !== undefined) return known;
    const reasons = this.#reasonsOf.get(address) ?? 0;
    if (this.#repetitions.size >= reasonsMax) return this.#entry('', level, undefined, 'other addresses');
    if (reasons >= reasonsPerAddress) return this.#entry(address, level, undefined, address);
    this.#reasonsOf.set(address, reasons + 1);
    return this.#entry(`${address} ${reason}`, level, message, address);
  }

  #entry(key: string, level: Level, message: string | undefined, address: string): Repetition {
    let entry = this.#repetitions.get(key);
    if (entry === undefined) {
      entry = { level, message: message && clipped(message, summaryLength), address, count: 0, leftOut: 0 };
      this.#repetitions.set(key, entry);
    }
    return entry;
  }

  /** Logs the number of omitted lines if the window is over. Call it periodically. */
  flush(): void {
    if (this.#repetitions.size > 0 && this.#clock.monotonicMs() - this.#startMs >= windowMs) this.end();
  }

  /** Logs the number of omitted lines at once, without waiting for the end of the window. */
  end(): void {
    const leftOut = [...this.#repetitions.values()].filter((repetition) => repetition.leftOut > 0);
    this.#repetitions.clear();
    this.#reasonsOf.clear();
    this.#lines = 0;
    leftOut.sort((one, other) => other.leftOut - one.leftOut);
    const seconds = windowMs / 1000;
    for (const { level, message, address, leftOut: count } of leftOut.slice(0, summariesMax)) {
      const text =
        message === undefined ? `... and ${count} more lines about` : `${message} ... and ${count} more like this from`;
      this.#logger[level](`${text} ${address} in the last ${seconds} s`);
    }
    const others = leftOut.slice(summariesMax).reduce((sum, repetition) => sum + repetition.leftOut, 0);
    if (others > 0) this.#logger.warn(`... and ${others} more lines about other addresses in the last ${seconds} s`);
  }
}

const addresses = /\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){7}\b/;
const addressWithin = 200;

/** The address (without the port) or the session that a line is about. Undefined if the line contains neither. */
function addressOf(message: string, fields: LogFields | undefined): string | undefined {
  const client = fields?.client;
  if (typeof client === 'string') return client.slice(0, client.lastIndexOf(':'));
  if (typeof fields?.session === 'string') return `session ${fields.session}`;
  return addresses.exec(message.slice(0, addressWithin))?.[0];
}
