import { ProtocolError } from '@nodekeeper/protocol';

/*
 * The boundary of a connection with another server, or with a program that claims to be one. Input is parsed before anything
 * is done with it. A parser changes no state, so each of its errors is the fault of the sender. The work that follows may
 * still refuse, with a `ProtocolError`. Any other error is an assertion about this server's own state: it passes the
 * boundary and ends the process, since the work may be half done.
 */

/** Does what bytes of a peer ask for. `hangUp` gets the reason of a refusal, and ends the connection with it. */
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
