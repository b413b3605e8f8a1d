import type { Clients } from '../clients/clients.js';
import type { LiveView } from './view.js';

/** A whole server over its ports. The command line, the tests and the simulator start it. */
export interface Server {
  /** Connections go to `clients.accept`. */
  readonly clients: Clients;
  /** The server as operators see it. */
  readonly view: LiveView;
  /** Takes a first snapshot if there is none, because the next start would refuse a log without one. */
  prepare(done: (error: Error | undefined) => void): void;
  /** Starts to serve clients; in an ensemble, as soon as there is a leader. */
  start(): void;
  /**
   * Closes every connection. Calls `stopped` when all acknowledged writes are on disk and the directories are unlocked.
   */
  stop(stopped: () => void): void;
}
