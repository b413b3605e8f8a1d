import type { Host } from '../world/network.js';

/** A client from the point of view of the run. */
export interface Actor extends Host {
  readonly name: string;
  /** 0n if it has no session. */
  readonly sessionId: bigint;
  /** Sessions that ended although the client did not close them. */
  readonly sessionsLost: number;
  /** Established connections that were lost. Undefined for a client that drops them deliberately. */
  readonly connectionsLost: number | undefined;
  readonly eventsChecked: number;
  /** If false, the client makes no requests but keeps its session alive. */
  isBusy: boolean;
  start(): void;
  /** Makes a write that cannot be refused, as soon as it can be sent, and repeats it until the client gets a reply. */
  writeSurely(done: () => void): void;
  /** Stops all faults. */
  heal(): void;
  /** Called when the run is over. */
  atTheEnd(): void;
}
