import type { Readable, Writable } from 'node:stream';
import type { ClientOptions, ZooKeeper } from '@nodekeeper/client';

/** An output stream. If `isTTY` is true, the shell escapes control characters in the text that it writes. */
export interface Sink {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * The shell's input, output and environment, and its access to servers. A test replaces them with in-memory streams.
 */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Writable & Sink;
  readonly stderr: Writable & Sink;
  /** True if both standard input and standard output are a terminal. */
  readonly isInteractive: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Creates a client, which starts to connect at once. */
  openClient(connectString: string, options: ClientOptions): ZooKeeper;
}
