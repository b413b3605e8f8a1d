import { below, pick } from '@nodekeeper/server/testing';

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
  /** How often it goes on over another connection, and uses the old one as well. */
  readonly forkShare: number;
  /** Takes its watches along to another connection. */
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

/** It goes on asking a server that has stopped answering, which may be a leader that has been replaced (C-1). */
export function patientClient(name: string): ClientSetting {
  const shares = { writeShare: 0.1, syncShare: 0.6, moveShare: 0, closeShare: 0, forkShare: 0 };
  return { name, timeoutMs: 4000, depth: 16, burst: 1, thinkMs: 400, ...shares, keepsWatches: true };
}
