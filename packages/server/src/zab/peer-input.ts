import { ProtocolError } from '@nodekeeper/protocol';

/*
 * The boundary of a connection with another server, or with a program that claims to be one. Input is parsed before it
 * has any effect. A parser changes no state, so each of its errors is the fault of the sender. The work after the
 * parser may still refuse, with a `ProtocolError`. Any other error is an assertion about this server's own state. It
 * passes the boundary and ends the process, because the work may be half done.
 */

/** Handles the bytes of a peer. Calls `refuse` with the reason of a `ProtocolError`; it closes the connection. */
export function guarded(work: () => void, refuse: (reason: string) => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    refuse(error.message);
  }
}

/** Runs a parser, and turns each of its errors into a `ProtocolError`. */
export function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError((error as Error).message);
  }
}
