import { below, type ClockSkew, drawSkew, pick } from '@nodekeeper/server/testing';

/** How a program uses the shipped client. Each client of a run draws its own behaviour. */
export interface ShippedClientSetting {
  readonly name: string;
  readonly skew: ClockSkew;
  readonly timeoutMs: number;
  /** The maximum number of requests without a reply. */
  readonly depth: number;
  readonly thinkMs: number;
  readonly writeShare: number;
  readonly syncShare: number;
  /** The share of actions in which the program adds or removes a watch instead of making a request. */
  readonly watchShare: number;
  /** The share of actions in which the program changes to another list of servers. */
  readonly moveShare: number;
  /** The share of actions in which the connections of the client break. */
  readonly breakShare: number;
  /** The share of actions in which the program closes its session, or is killed. */
  readonly closeShare: number;
  /** The share of requests that the program gives up before the reply arrives. */
  readonly giveUpShare: number;
  /** True if the client registers its one-shot watches again on the next connection. */
  readonly keepsWatches: boolean;
  readonly hasCredentials: boolean;
}

export function drawShippedClient(random: () => number, name: string): ShippedClientSetting {
  return {
    name,
    skew: drawSkew(random),
    timeoutMs: 700 + random() * random() * 3300,
    depth: 1 + below(random, 6),
    thinkMs: pick(random, [10, 40, 100, 300, 2000]),
    writeShare: pick(random, [0.2, 0.5, 0.8]),
    syncShare: pick(random, [0, 0.1, 0.3]),
    watchShare: pick(random, [0, 0.05, 0.15]),
    moveShare: pick(random, [0, 0.01, 0.05]),
    breakShare: pick(random, [0, 0.01, 0.05]),
    closeShare: pick(random, [0, 0, 0.01, 0.04]),
    giveUpShare: pick(random, [0, 0.05, 0.2]),
    keepsWatches: random() < 0.9,
    hasCredentials: random() < 0.3,
  };
}
