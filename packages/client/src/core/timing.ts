/** The time limits of a session (spec 7.2), in milliseconds. */
export interface Timing {
  /**
   * The time limit for connecting and for the greeting of the server. After this time, the client tries the next
   * server.
   */
  readonly connectMs: number;
  /** The client sends a ping after it has sent nothing for this time. */
  readonly pingMs: number;
  /** The client leaves a server that has sent nothing for this time. */
  readonly readMs: number;
  /** After this time without a message from any server, the session has certainly expired on the servers. */
  readonly expireMs: number;
}

/**
 * The minimum of `connectMs`, in milliseconds, until a server has granted the session. The minimum applies even if the
 * requested timeout is shorter.
 */
const connectMsMin = 500;

/**
 * Returns the limits for a session timeout. They are those of the Java client, except `connectMs`. The Java client
 * allows an attempt the whole session timeout if there is one server, and half of it if there are two. This client
 * allows at most a third. Otherwise, one server that accepts the connection and never answers the greeting could cost
 * the session. A ZooKeeper server behaves in this way while it starts.
 *
 * The server decides the timeout of a session, so the requested timeout may be very short. Until a server has granted
 * the session, `connectMs` therefore has a minimum. An attempt that ends before the reply of the server arrives leaves
 * an unused session on the server.
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
 * Returns the delay before an attempt to connect, in milliseconds. Attempt 0 is the first one after a lost connection.
 * The delay is drawn at random between 0 and a bound. So the clients of a failed server do not reach the next server at
 * the same time. The bound doubles with each round through the list of servers, up to `delay.max` or a quarter of the
 * session timeout.
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
