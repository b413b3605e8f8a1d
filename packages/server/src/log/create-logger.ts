import { clipped, escaped } from './log-text.js';
import type { LogFields, Logger } from './logger.js';

export const logFormats = ['text', 'json'] as const;
export type LogFormat = (typeof logFormats)[number];

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * Maximum length of a message, in characters. The server's own texts are shorter, but a message may contain text from a
 * client or another server.
 */
const messageMax = 2000;
const valueMax = 1000;

interface LoggerOptions {
  format: LogFormat;
  /** The lowest level that is logged. */
  level: LogLevel;
  /** Writes one line, which includes its line end. */
  write: (line: string) => void;
  /** Returns the wall-clock time in ms. */
  now: () => number;
}

/**
 * Creates a logger that writes one line per call: `2026-11-22 03:12:59.482 INFO  serving port=2181`. In the format
 * `json` the line is an object with `time`, `level`, `message` and the fields. The logger uses no library, because
 * loading a common logging library takes as long as the whole start of the server.
 */
export function createLogger({ format, level, write, now }: LoggerOptions): Logger {
  const line = format === 'json' ? jsonLine : textLine;
  const lowest = logLevels.indexOf(level);
  const at = (name: LogLevel) => {
    if (logLevels.indexOf(name) < lowest) return () => {};
    return (message: string, fields?: LogFields) => write(`${line(now(), name, message, fields)}\n`);
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function jsonLine(nowMs: number, level: LogLevel, message: string, fields?: LogFields): string {
  const entry: Record<string, unknown> = {
    time: new Date(nowMs).toISOString(),
    level,
    message: clipped(message, messageMax),
  };
  for (const [name, value] of Object.entries(fields ?? {})) entry[name] = plain(name, value);
  return escaped(JSON.stringify(entry));
}

function textLine(nowMs: number, level: LogLevel, message: string, fields?: LogFields): string {
  const time = new Date(nowMs).toISOString().replace('T', ' ').replace('Z', '');
  let line = `${time} ${level.toUpperCase().padEnd(5)} ${escaped(clipped(message, messageMax))}`;
  for (const [name, value] of Object.entries(fields ?? {})) {
    if (value !== undefined) line += ` ${name}=${textValue(plain(name, value))}`;
  }
  return line;
}

function textValue(value: unknown): string {
  if (typeof value !== 'string') return escaped(JSON.stringify(value) ?? String(value));
  return /^[!-~]+$/.test(value) && !/["=]/.test(value) ? value : escaped(JSON.stringify(value));
}

/** The values of fields with these names are hidden, in case a caller logs a secret by mistake. */
const secretName = /password|passwd|superdigest|secret/i;

/** Converts a field's value to a value that JSON can represent. */
function plain(name: string, value: unknown): unknown {
  if (secretName.test(name)) return '(secret)';
  if (typeof value === 'string') return clipped(value, valueMax);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Error) return clipped(describeError(value), valueMax);
  if (value instanceof Map) return plain(name, Object.fromEntries(value));
  if (value instanceof Set) return plain(name, [...value]);
  if (Array.isArray(value)) return value.map((item) => plain('', item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(key, item)]));
}

function describeError(error: Error): string {
  const cause = error.cause instanceof Error ? ` (${describeError(error.cause)})` : '';
  return `${error.message}${cause}`;
}
