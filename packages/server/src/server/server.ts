import type { Clients } from '../clients/clients.js';
import type { LiveView } from './view.js';

/** A whole server over its ports: what the command line, the tests and the simulator start. */
export interface Server {
  /** Connections are given to `clients.accept`. */
  readonly clients: Clients;
  /** The server as operators see it. */
  readonly view: LiveView;
  /** Takes a first snapshot where there is none: a log without one is refused at the next start. */
  prepare(done: (error: Error | undefined) => void): void;
  /** Serves clients from here on, or, in an ensemble, as soon as there is a leader. */
  start(): void;
  /** Cuts off every connection; `stopped` when what was acknowledged is on disk and the directories are free. */
  stop(stopped: () => void): void;
}
