import type { Readable, Writable } from 'node:stream';
import type { ClientOptions, ZooKeeper } from '@nodekeeper/client';

/** Everything outside of the shell: tests put a pipe and a list of lines here. */
export interface Io {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Whether a person types and reads: standard input and output are a terminal. */
  readonly isInteractive: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Starts a client, which connects by itself. */
  openClient(connectString: string, options: ClientOptions): ZooKeeper;
}
