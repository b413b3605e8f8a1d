import type { Host } from '../world/network.js';

/** A client, as the run sees it. */
export interface Actor extends Host {
  readonly name: string;
  /** 0n while it has none. */
  readonly sessionId: bigint;
  /** Sessions that ended and were not closed by it. */
  readonly sessionsLost: number;
  /** Connections that served and were lost; undefined for a client that drops them at will. */
  readonly connectionsLost: number | undefined;
  readonly eventsChecked: number;
  /** False: nothing is asked any more, but the session is kept alive. */
  isBusy: boolean;
  start(): void;
  /** Makes a write that cannot be refused, as soon as it can be sent, until one is answered. */
  writeSurely(done: () => void): void;
  /** No more faults. */
  heal(): void;
  /** The run is over. */
  atTheEnd(): void;
}
