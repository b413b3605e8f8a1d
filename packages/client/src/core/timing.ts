/** The time limits of a session (spec 7.2), in milliseconds. */
export interface Timing {
  /** The limit for connecting and greeting. After it, the next server is tried. */
  readonly connectMs: number;
  /** The client sends a ping after it has sent nothing for this time. */
  readonly pingMs: number;
  /** The client leaves a server that has sent nothing for this time. */
  readonly readMs: number;
  /** The session has certainly expired on the server after this time of silence. */
  readonly expireMs: number;
}

/** The least time for an attempt before the first session, whatever timeout is requested. */
const connectMsMin = 500;

/**
 * The limits are those of the Java client, except `connectMs`. Java allows an attempt the whole session timeout (one
 * server) or half of it. Here it is a third, so that a server that never answers the greeting does not cost the
 * session. ZooKeeper behaves so while it starts.
 *
 * The server decides the timeout of a session. Before that, `connectMs` has a minimum: an attempt that ends too soon
 * leaves an unused session on the server.
 */
export function timingOf(sessionTimeoutMs: number, servers: number, isGranted: boolean): Timing {
  return {
    connectMs: Math.max(isGranted ? 1 : connectMsMin, sessionTimeoutMs / Math.max(3, servers)),
    pingMs: sessionTimeoutMs / 3,
    readMs: (sessionTimeoutMs * 2) / 3,
    expireMs: (sessionTimeoutMs * 4) / 3,
  };
}

export interface ReconnectDelay {
  readonly base: number;
  readonly max: number;
}

/**
 * The delay before attempt `attempt`, in milliseconds; 0 is the first attempt after a lost connection. It is a back-off
 * with full jitter, so that the clients of a failed server do not reach the next one at the same time. Each round
 * through the list doubles the delay, up to a quarter of the session timeout.
 */
export function reconnectDelayMs(
  attempt: number,
  servers: number,
  delay: ReconnectDelay,
  sessionTimeoutMs: number,
  random: () => number,
): number {
  const rounds = Math.min(30, Math.floor(attempt / servers));
  return random() * Math.min(delay.base * 2 ** rounds, delay.max, sessionTimeoutMs / 4);
}
