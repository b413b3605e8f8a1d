import type { Readable, Writable } from 'node:stream';
import type { ClientOptions, ZooKeeper } from '@nodekeeper/client';

/** Where text goes; on a terminal control characters in it are not obeyed. */
export interface Sink {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Everything outside of the shell: tests put a pipe and a list of lines here. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Writable & Sink;
  readonly stderr: Writable & Sink;
  /** Whether a person types and reads: standard input and output are a terminal. */
  readonly isInteractive: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Starts a client, which connects by itself. */
  openClient(connectString: string, options: ClientOptions): ZooKeeper;
}
