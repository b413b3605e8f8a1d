import type { Audit } from '../clients/audit.js';
import type { Random } from '../ports/clock.js';
import type { Disk } from '../ports/disk.js';
import type { PeerNetwork } from '../ports/network.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { Trace } from '../trace/trace.js';

/** The interfaces through which one server uses the outside world. Tests and the simulator replace them. */
export interface ServerPorts {
  readonly disk: Disk;
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** The number of file descriptors of this process; undefined if the operating system does not report it. */
  readonly fileDescriptors: () => { open: number | undefined; max: number | undefined };
  readonly environment: () => Iterable<readonly [key: string, value: string]>;
  /** Records the steps of each request; undefined if tracing is off. */
  readonly trace?: Trace | undefined;
  /** Records the changes that clients make; undefined if changes are not audited. */
  readonly audit?: Audit | undefined;
  /** The network to the other servers of the ensemble. A standalone server never uses this interface. */
  readonly peers: PeerNetwork;
}
