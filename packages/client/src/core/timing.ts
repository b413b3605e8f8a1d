/** How long the session waits for what (inventory 7.2). All in milliseconds. */
export interface Timing {
  /** For a connection to be made and greeted, before the next server gets its chance. */
  readonly connectMs: number;
  /** Silence on our side after which a ping is sent. */
  readonly pingMs: number;
  /** Silence on the server's side after which the connection is given up. */
  readonly readMs: number;
  /** Silence after which the session is certainly expired on the server. */
  readonly expireMs: number;
}

/** As long as there is no session, an attempt may take this long, whatever timeout is asked for. */
const connectMsMin = 500;

/**
 * As in Java, but for `connectMs`, which is a third of the session where Java's is all of it (one server) or a half: a
 * server that never answers the greeting, as Apache's while it starts, must not cost the session. The server decides how
 * long a session lasts; until it has, the timeout asked for is none, and an attempt given up too soon leaves a session
 * behind that nobody has.
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
 * How long to wait before attempt `attempt` (0 is the first after a connection was lost): back-off with full jitter, so
 * that clients that lost one server do not come to the next one all at once. Each round through the list doubles it;
 * it never takes more than a quarter of the session.
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
