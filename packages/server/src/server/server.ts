import type { Clients } from '../clients/clients.js';
import type { LiveView } from './view.js';

/** A complete server. The command line, the tests and the simulator start it, each with its own `ServerPorts`. */
export interface Server {
  /** Handles the client connections. Each new connection must be passed to `clients.accept`. */
  readonly clients: Clients;
  /** What the server shows to operators. */
  readonly view: LiveView;
  /**
   * Takes a first snapshot if there is none. Without a snapshot, the server would refuse to read its log at the next
   * start.
   */
  prepare(done: (error: Error | undefined) => void): void;
  /**
   * Starts the server. A standalone server serves clients at once, and a member of an ensemble as soon as there is a
   * leader.
   */
  start(): void;
  /**
   * Closes every connection. Calls `stopped` when all acknowledged writes are on disk and the directories are no longer
   * locked.
   */
  stop(stopped: () => void): void;
}
