import type { Reader } from '@nodekeeper/protocol';
import type { Connection } from '../net/connection.js';

/** What becomes of requests that this server cannot answer from its own tree alone. */
export interface WriteRoute {
  /** False: the bytes are no such request, and it will not be answered by a commit. */
  write(connection: Connection, xid: number, type: number, bytes: Buffer, start: number, end: number): boolean;
  /** Opens a new session; `handshake.finish` is called with its commit. */
  openSession(connection: Connection): void;
  /** Attaches a connection to a session that its client had before; ends in `handshake.resumed` or `handshake.refuse`. */
  resumeSession(connection: Connection, sessionId: bigint): void;
  /** True: `intake.synced` will be called; false: nothing has to be waited for. */
  sync(connection: Connection, xid: number, body: Reader): boolean;
}
