/** Values that explain a log line. The logger writes bigints and errors as text. */
export type LogFields = Readonly<Record<string, unknown>>;

/** The server's log. Each call writes one line. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A logger that writes nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
