/** Stands for the server to which a session's client is connected. It is only compared by identity. */
export type SessionOwner = object;

/**
 * A client's session. A session outlives its connections. It ends when it is closed, or when its client is silent for
 * longer than the timeout.
 */
export class Session {
  readonly id: bigint;
  timeoutMs: number;
  /** Monotonic time of the client's last activity. */
  touchedMs: number;
  /**
   * True if the close of this session has been proposed. Further requests of the session are answered with
   * SESSIONEXPIRED.
   */
  closing = false;
  /** True if the creation of the session has been applied. Snapshots include only committed sessions. */
  committed = false;
  bucketMs = 0;
  /**
   * The server to which the client is connected; undefined on a standalone server. Requests through any other server
   * are refused with SESSIONMOVED.
   */
  owner: SessionOwner | undefined;
  #ended: (() => void)[] | undefined;

  constructor(id: bigint, timeoutMs: number, nowMs: number) {
    this.id = id;
    this.timeoutMs = timeoutMs;
    this.touchedMs = nowMs;
  }

  /** Calls `ended` when the close of this session is applied. */
  whenEnded(ended: () => void): void {
    if (this.#ended === undefined) this.#ended = [ended];
    else this.#ended.push(ended);
  }

  end(): void {
    for (const ended of this.#ended ?? []) ended();
  }
}

/**
 * Tracks the live sessions. Sessions expire in buckets of one tick (spec 1.9.5). A request only stores its time in the
 * session. The session moves to a later bucket when its present bucket falls due. Therefore a request costs one memory
 * write, not the removal from one set and the addition to another.
 */
export class SessionTracker {
  readonly #tickTimeMs: number;
  readonly #byId = new Map<bigint, Session>();
  readonly #buckets = new Map<number, Set<Session>>();
  #nextId: bigint;

  /**
   * @param serverId 1..255, the top byte of the id of every session that this server creates
   * @param nowMs monotonic time, from which the first session id is computed
   */
  constructor(tickTimeMs: number, serverId: number, nowMs: number) {
    this.#tickTimeMs = tickTimeMs;
    this.#nextId = firstSessionId(serverId, nowMs);
  }

  get size(): number {
    return this.#byId.size;
  }

  values(): Iterable<Session> {
    return this.#byId.values();
  }

  get(id: bigint): Session | undefined {
    return this.#byId.get(id);
  }

  /**
   * Creates a session with an id that no live session has. A live session may already have the id `#nextId` or a higher
   * one. Such a session is older than the last restart of the clock from which ids are computed.
   */
  create(timeoutMs: number, nowMs: number): Session {
    while (this.#byId.has(this.#nextId)) this.#nextId++;
    return this.track(this.#nextId++, timeoutMs, nowMs);
  }

  /**
   * Tracks a new session, or a session that was read from disk. A session that is already tracked remains unchanged.
   */
  track(id: bigint, timeoutMs: number, nowMs: number): Session {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const session = new Session(id, timeoutMs, nowMs);
    this.#byId.set(id, session);
    this.#enter(session);
    return session;
  }

  remove(id: bigint): void {
    const session = this.#byId.get(id);
    if (session === undefined) return;
    this.#byId.delete(id);
    this.#leave(session);
    session.end();
  }

  /** Gives a session a new timeout, which starts now. Clients negotiate the timeout again on each connection. */
  renew(session: Session, timeoutMs: number, nowMs: number): void {
    session.timeoutMs = timeoutMs;
    session.touchedMs = nowMs;
    this.#leave(session);
    this.#enter(session);
  }

  /**
   * Gives every committed session its full timeout again, as after a restart of the server. Forgets uncommitted
   * sessions, proposed closes, and the servers to which clients were connected.
   */
  startOver(nowMs: number): void {
    const committed = [...this.#byId.values()].filter((session) => session.committed);
    this.#byId.clear();
    this.#buckets.clear();
    for (const { id, timeoutMs } of committed) this.track(id, timeoutMs, nowMs).committed = true;
  }

  /** Marks all sessions whose timeout has passed as closing, and returns those sessions. */
  expire(nowMs: number): Session[] {
    const expired: Session[] = [];
    for (const [bucketMs, sessions] of [...this.#buckets]) {
      if (bucketMs > nowMs) continue;
      this.#buckets.delete(bucketMs);
      for (const session of sessions) {
        if (session.closing) continue;
        if (this.bucketOf(session) > nowMs) {
          this.#enter(session);
        } else {
          session.closing = true;
          expired.push(session);
        }
      }
    }
    return expired;
  }

  /** The time at which the session expires unless its client uses it again. This time is a multiple of the tick. */
  bucketOf(session: Session): number {
    return (Math.floor((session.touchedMs + session.timeoutMs) / this.#tickTimeMs) + 1) * this.#tickTimeMs;
  }

  #enter(session: Session): void {
    session.bucketMs = this.bucketOf(session);
    const bucket = this.#buckets.get(session.bucketMs);
    if (bucket === undefined) this.#buckets.set(session.bucketMs, new Set([session]));
    else bucket.add(session);
  }

  #leave(session: Session): void {
    const bucket = this.#buckets.get(session.bucketMs);
    if (bucket?.delete(session) && bucket.size === 0) this.#buckets.delete(session.bucketMs);
  }
}

/**
 * The first session id of a server (spec 1.9.2). The top byte is the server's id, and the next bytes come from the
 * clock. The id -2^63 is skipped, because as an ephemeral owner it marks containers.
 */
function firstSessionId(serverId: number, nowMs: number): bigint {
  const clock = BigInt.asUintN(64, BigInt(Math.floor(nowMs)) << 24n) >> 8n;
  const id = BigInt.asIntN(64, clock | (BigInt(serverId) << 56n));
  return id === -0x8000000000000000n ? id + 1n : id;
}
