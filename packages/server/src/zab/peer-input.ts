import { ProtocolError } from '@nodekeeper/protocol';

/*
 * The boundary of a connection with another server, or with a program that claims to be a server. Input is parsed
 * before it has any effect. A parser changes no state, so any error in a parser means that the sender sent invalid
 * bytes. Code that uses the parsed input may still reject it with a `ProtocolError`. Any other error there is a failed
 * assertion about this server's own state. Such an error is not caught and ends the process, because the state may be
 * half changed.
 */

/**
 * Runs `work`, which handles bytes from a peer. If `work` throws a `ProtocolError`, passes the error's message to
 * `refuse`. Rethrows other errors.
 */
export function guarded(work: () => void, refuse: (reason: string) => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    refuse(error.message);
  }
}

/** Runs a parser, and converts every error that the parser throws into a `ProtocolError`. */
export function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError((error as Error).message);
  }
}
