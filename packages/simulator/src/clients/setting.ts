import { below, pick } from '@nodekeeper/server/testing';

/** The behaviour of a client. It is drawn for each client. */
export interface ClientSetting {
  readonly name: string;
  readonly timeoutMs: number;
  /** The number of requests in flight. */
  readonly depth: number;
  /** The number of requests made at a time. */
  readonly burst: number;
  readonly thinkMs: number;
  readonly writeShare: number;
  readonly syncShare: number;
  /** How often it drops a good connection, or its session, instead of making a request. */
  readonly moveShare: number;
  readonly closeShare: number;
  /** How often it opens another connection, and uses the old one as well. */
  readonly forkShare: number;
  /** Registers its watches again on another connection. */
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

/** A client that continues to use a server that no longer replies, which may be a replaced leader (C-1). */
export function patientClient(name: string): ClientSetting {
  const shares = { writeShare: 0.1, syncShare: 0.6, moveShare: 0, closeShare: 0, forkShare: 0 };
  return { name, timeoutMs: 4000, depth: 16, burst: 1, thinkMs: 400, ...shares, keepsWatches: true };
}
