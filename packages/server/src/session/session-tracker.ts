/** The server that the client of a session is connected to. Compared by identity only. */
export type SessionOwner = object;

/** A client's session: it outlives connections, and ends when closed or when nobody touched it for its timeout. */
export class Session {
  readonly id: bigint;
  timeoutMs: number;
  /** When the client was last heard of, on the monotonic clock. */
  touchedMs: number;
  /** Its close is on the way: requests of it are answered SESSIONEXPIRED. */
  closing = false;
  /** Its creation was applied, so snapshots hold it. */
  committed = false;
  bucketMs = 0;
  /** Undefined for a standalone server. Requests that come by way of another server than this one are too late. */
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
 * Who is alive. Expiry works in buckets of one tick (inventory 1.9.5), but a touch only notes the time: the bucket is
 * looked at when it falls due, so that a request costs one store instead of two moves between sets.
 */
export class SessionTracker {
  readonly #tickTimeMs: number;
  readonly #byId = new Map<bigint, Session>();
  readonly #buckets = new Map<number, Set<Session>>();
  #nextId: bigint;

  /**
   * @param serverId 1..255, the top byte of every id handed out
   * @param nowMs the monotonic clock, which the ids start from
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

  /** A new session under an id that no living one has (the clock may have started over since they were made). */
  create(timeoutMs: number, nowMs: number): Session {
    while (this.#byId.has(this.#nextId)) this.#nextId++;
    return this.track(this.#nextId++, timeoutMs, nowMs);
  }

  /** Follows a session, whether new or read from disk; one already followed keeps its state. */
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

  /** The client's timeout is negotiated anew on each connect. */
  renew(session: Session, timeoutMs: number, nowMs: number): void {
    session.timeoutMs = timeoutMs;
    session.touchedMs = nowMs;
    this.#leave(session);
    this.#enter(session);
  }

  /**
   * What is committed is followed with a full timeout, as if it had just been read from disk; the rest is forgotten:
   * sessions that were being opened, closes on their way, and which servers the clients were connected to.
   */
  startOver(nowMs: number): void {
    const committed = [...this.#byId.values()].filter((session) => session.committed);
    this.#byId.clear();
    this.#buckets.clear();
    for (const { id, timeoutMs } of committed) this.track(id, timeoutMs, nowMs).committed = true;
  }

  /** Marks as closing, and returns, all sessions that were silent for too long. */
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

  /** The tick boundary at which a session would expire if it were not heard of again. */
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

/** Inventory 1.9.2: the clock in the middle bytes, the server's id on top; not the value that marks containers. */
function firstSessionId(serverId: number, nowMs: number): bigint {
  const clock = BigInt.asUintN(64, BigInt(Math.floor(nowMs)) << 24n) >> 8n;
  const id = BigInt.asIntN(64, clock | (BigInt(serverId) << 56n));
  return id === -0x8000000000000000n ? id + 1n : id;
}
