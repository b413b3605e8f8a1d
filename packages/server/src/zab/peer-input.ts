import { ProtocolError } from '@nodekeeper/protocol';

/*
 * The boundary of a connection with another server, or with somebody who says that he is one. What comes in is parsed before
 * anything is done with it: a parser touches nothing of ours, so whatever it throws is the sender's doing. What is done then
 * may still refuse, with a `ProtocolError`. Anything else is an assertion about this server's own state: it passes the
 * boundary and ends the process, since nobody knows what is half done.
 */

/** Does what bytes of a peer ask for. A refusal is told to `hangUp`, which ends the connection with this reason. */
export function guarded(work: () => void, hangUp: (reason: string) => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    hangUp(error.message);
  }
}

/** Runs a parser: all that it throws comes out as a refusal. */
export function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError((error as Error).message);
  }
}
