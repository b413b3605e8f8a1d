/** The interfaces through which a session uses the outside world: clock, timers, random numbers and connections. */

/** A monotonic clock, and functions that run work later. */
export interface Scheduler {
  monotonicMs(): number;
  /** Runs `work` when the current event has been handled, before the process waits for further events. */
  nextTurn(work: () => void): void;
  /** Runs `work` once, after at least `delayMs`. Returns a function that cancels the work. */
  after(delayMs: number, work: () => void): () => void;
}

/** Draws numbers in [0, 1). */
export type Random = () => number;

/** A server of a connect string. The host name is spelled as in the connect string. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** An outgoing connection to a server. */
export interface Link {
  /**
   * Sends `bytes`. Returns true if the caller may reuse the buffer. If it returns false, the caller must not change the
   * buffer any more.
   */
  write(bytes: Buffer): boolean;
  /** Closes the connection at once. The link calls no method of its handler after this call. */
  destroy(): void;
}

/**
 * Receives the events of a connection. The link calls the first method only after `dial` has returned, and never calls
 * a method during another call.
 */
export interface LinkHandler {
  connected(): void;
  /** The chunk is valid only during the call. */
  received(chunk: Buffer): void;
  /** The connection failed or was closed. The link calls no method of the handler after this one. */
  closed(reason: string): void;
}

/** Starts to connect to a server. Each call looks up the host name again. */
export type Dial = (server: ServerAddress, handler: LinkHandler) => Link;

export interface Ports {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly dial: Dial;
}

/** Returns the address as `host:port`, with brackets around an IPv6 address. */
export function addressText({ host, port }: ServerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
