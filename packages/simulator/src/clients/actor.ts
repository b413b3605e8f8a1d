import type { Participant } from './participant.js';

/** The methods and properties that a run uses of clients that check the servers. */
export interface Actor extends Participant {
  /** The id of the session; 0n if the client has no session. */
  readonly sessionId: bigint;
  /** The number of sessions that ended although the client did not close them. */
  readonly sessionsLost: number;
  /**
   * The number of established connections that the client lost. Undefined for a client that drops connections
   * deliberately.
   */
  readonly connectionsLost: number | undefined;
  readonly eventsChecked: number;
  /** If false, the client makes no requests but keeps its session alive. */
  isBusy: boolean;
  /**
   * Makes a write that cannot be refused, as soon as the client can send it. Repeats the write until the client gets a
   * reply.
   */
  writeSurely(done: () => void): void;
  /** Called when the run is over, to make the last checks. */
  atTheEnd(): void;
}
