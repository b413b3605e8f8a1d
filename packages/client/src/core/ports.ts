/** The outside world as the session sees it. Everything that waits, sleeps or draws a number comes in through here. */

/** Time that never goes back, and work put off. */
export interface Scheduler {
  monotonicMs(): number;
  /** Once everything that is being handled now is done, and before waiting for more. */
  nextTurn(work: () => void): void;
  /** Runs `work` once in `delayMs` or later; the returned function cancels it. */
  after(delayMs: number, work: () => void): () => void;
}

/** Draws numbers in [0, 1). */
export type Random = () => number;

/** One of the servers of a connect string, its name as it was written. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** An outgoing connection. */
export interface Link {
  /**
   * Sends bytes. True: they are out of our hands and the buffer may be reused; false: it belongs to the link now.
   */
  write(bytes: Buffer): boolean;
  /** Closes now; nothing is called any more. */
  destroy(): void;
}

/** What becomes of a connection. Never called before `dial` has returned, and calls never nest. */
export interface LinkHandler {
  connected(): void;
  /** The chunk is only good during the call. */
  received(chunk: Buffer): void;
  /** The connection could not be made, or is gone; nothing is called after this. */
  closed(reason: string): void;
}

/** Starts to connect; the name is looked up each time. */
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
