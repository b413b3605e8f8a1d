/** The outside world as the session sees it: time, delays, random numbers and connections. */

/** Monotonic time, and work that runs later. */
export interface Scheduler {
  monotonicMs(): number;
  /** Runs `work` after the current event is handled, and before the process waits for new events. */
  nextTurn(work: () => void): void;
  /** Runs `work` once, after at least `delayMs`. The returned function cancels it. */
  after(delayMs: number, work: () => void): () => void;
}

/** Draws numbers in [0, 1). */
export type Random = () => number;

/** A server of a connect string. The host name is spelled as in the string. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** An outgoing connection. */
export interface Link {
  /** Sends bytes. True: the caller may reuse the buffer. False: the buffer belongs to the link from now on. */
  write(bytes: Buffer): boolean;
  /** Closes the connection at once. The link calls no handler after this. */
  destroy(): void;
}

/** The events of a connection. The first call comes after `dial` has returned, and calls never nest. */
export interface LinkHandler {
  connected(): void;
  /** The chunk is valid only during the call. */
  received(chunk: Buffer): void;
  /** The connection failed or was closed. The link makes no call after this. */
  closed(reason: string): void;
}

/** Starts to connect. Each attempt looks up the host name again. */
export type Dial = (server: ServerAddress, handler: LinkHandler) => Link;

export interface Ports {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly dial: Dial;
}

/** `host:port`, with the brackets of an IPv6 address. */
export function addressText({ host, port }: ServerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
