/** The server to which a session's client is connected. Compared by identity only. */
export type SessionOwner = object;

/**
 * A client's session. It outlives connections and ends when it is closed, or when it was not touched for its timeout.
 */
export class Session {
  readonly id: bigint;
  timeoutMs: number;
  /** Monotonic time of the client's last activity. */
  touchedMs: number;
  /** A close of this session has been proposed. Its requests are answered with SESSIONEXPIRED. */
  closing = false;
  /** Its creation was applied, so snapshots include it. */
  committed = false;
  bucketMs = 0;
  /**
   * Undefined on a standalone server. Requests that arrive through another server are refused: the session has moved.
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
 * Tracks the live sessions. Sessions expire in buckets of one tick (spec 1.9.5). A touch only records the time,
 * and the session is moved when its bucket falls due. A request therefore costs one store instead of two set
 * operations.
 */
export class SessionTracker {
  readonly #tickTimeMs: number;
  readonly #byId = new Map<bigint, Session>();
  readonly #buckets = new Map<number, Set<Session>>();
  #nextId: bigint;

  /**
   * @param serverId 1..255, the top byte of every session id of this server
   * @param nowMs monotonic time, from which the first id is computed
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
   * Creates a session with an id that no live session has. Existing ids may be higher if the clock has started over
   * since.
   */
  create(timeoutMs: number, nowMs: number): Session {
    while (this.#byId.has(this.#nextId)) this.#nextId++;
    return this.track(this.#nextId++, timeoutMs, nowMs);
  }

  /** Tracks a new session, or one read from disk. A session that is already tracked keeps its state. */
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

  /** The client negotiates its timeout again on each connect. */
  renew(session: Session, timeoutMs: number, nowMs: number): void {
    session.timeoutMs = timeoutMs;
    session.touchedMs = nowMs;
    this.#leave(session);
    this.#enter(session);
  }

  /**
   * Tracks the committed sessions with a full timeout, as after a restart. Forgets everything else: sessions that are
   * being opened, proposed closes, and the servers to which clients were connected.
   */
  startOver(nowMs: number): void {
    const committed = [...this.#byId.values()].filter((session) => session.committed);
    this.#byId.clear();
    this.#buckets.clear();
    for (const { id, timeoutMs } of committed) this.track(id, timeoutMs, nowMs).committed = true;
  }

  /** Marks all sessions whose timeout has passed as closing, and returns them. */
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

  /** The tick boundary at which the session expires unless it is touched again. */
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

/** Inventory 1.9.2: the clock in the middle bytes and the server's id on top. Never the value that marks containers. */
function firstSessionId(serverId: number, nowMs: number): bigint {
  const clock = BigInt.asUintN(64, BigInt(Math.floor(nowMs)) << 24n) >> 8n;
  const id = BigInt.asIntN(64, clock | (BigInt(serverId) << 56n));
  return id === -0x8000000000000000n ? id + 1n : id;
}
