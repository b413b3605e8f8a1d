/** The time limits of a session (spec 7.2), in milliseconds. */
export interface Timing {
  /**
   * The time limit from the start of an attempt until the server has granted the session. After this time, the client
   * tries the next server.
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
 * Returns the time limits for a session timeout. All limits except `connectMs` are those of the Java client. With one
 * server, the Java client waits the whole session timeout for the connection. The session could then expire if the
 * server accepts the connection but never answers. A ZooKeeper server behaves in this way while it starts. Therefore
 * this client waits at most a third of the session timeout.
 *
 * Until a server has granted the session, `connectMs` has a minimum. An attempt that ends before the server's reply
 * arrives would leave an unused session on the server.
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
 * The delay is drawn at random between 0 and a bound. With a fixed delay, all clients of a failed server would reach
 * the next server at the same time. The bound doubles with each round through the list of servers, up to `delay.max` or
 * a quarter of the session timeout.
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
