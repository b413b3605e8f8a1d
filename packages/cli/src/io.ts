import type { Readable, Writable } from 'node:stream';
import type { ClientOptions, ZooKeeper } from '@nodekeeper/client';

/** An output stream. On a terminal, control characters in the text are escaped. */
export interface Sink {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Everything outside the shell. Tests replace it with a pipe and a list of lines. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Writable & Sink;
  readonly stderr: Writable & Sink;
  /** True if standard input and output are a terminal. */
  readonly isInteractive: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Creates a client, which starts to connect. */
  openClient(connectString: string, options: ClientOptions): ZooKeeper;
}
