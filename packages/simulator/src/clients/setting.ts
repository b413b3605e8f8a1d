/** How a client behaves; drawn for each. */
export interface ClientSetting {
  readonly name: string;
  readonly timeoutMs: number;
  /** Requests that are on their way at once. */
  readonly depth: number;
  /** Requests that it makes at a time. */
  readonly burst: number;
  readonly thinkMs: number;
  readonly writeShare: number;
  readonly syncShare: number;
  /** How often it lets go of a good connection, or of its session, instead of asking for something. */
  readonly moveShare: number;
  readonly closeShare: number;
  /** Takes its watches along to another connection. */
  readonly keepsWatches: boolean;
}
