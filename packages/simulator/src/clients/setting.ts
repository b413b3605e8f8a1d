import { below, pick } from '@nodekeeper/server/testing';

/** The behaviour of one client. Each client of a run draws its own. */
export interface ClientSetting {
  readonly name: string;
  readonly timeoutMs: number;
  /** The maximum number of requests in flight. */
  readonly depth: number;
  /** The maximum number of requests that the client makes at a time. */
  readonly burst: number;
  readonly thinkMs: number;
  readonly writeShare: number;
  readonly syncShare: number;
  /** The share of actions in which the client drops a good connection. */
  readonly moveShare: number;
  /** The share of actions in which the client closes its session. */
  readonly closeShare: number;
  /** The share of actions in which the client opens a second connection, and continues to use the old one as well. */
  readonly forkShare: number;
  /** True if the client registers its watches again on another connection. */
  readonly keepsWatches: boolean;
}

export function drawClient(random: () => number, name: string): ClientSetting {
  const isSilent = random() < 0.1;
  if (random() < 0.15) return patientClient(name);
  const depth = 1 + below(random, 5);
  return {
    name,
    timeoutMs: 1000 + random() * 3000,
    depth,
    burst: depth,
    thinkMs: isSilent ? 2000 : pick(random, [10, 40, 100, 300]),
    writeShare: pick(random, [0.3, 0.5, 0.8]),
    syncShare: pick(random, [0, 0.1, 0.3]),
    moveShare: pick(random, [0, 0.01, 0.05]),
    closeShare: pick(random, [0, 0.01, 0.04]),
    forkShare: pick(random, [0, 0, 0.02, 0.05]),
    keepsWatches: random() < 0.6,
  };
}

/** A client that keeps its connection when the server no longer replies. That server may be a replaced leader (C-1). */
export function patientClient(name: string): ClientSetting {
  const shares = { writeShare: 0.1, syncShare: 0.6, moveShare: 0, closeShare: 0, forkShare: 0 };
  return { name, timeoutMs: 4000, depth: 16, burst: 1, thinkMs: 400, ...shares, keepsWatches: true };
}
