import type { Audit } from '../clients/audit.js';
import type { Random } from '../ports/clock.js';
import type { Disk } from '../ports/disk.js';
import type { PeerNetwork } from '../ports/network.js';
import type { Scheduler } from '../ports/scheduler.js';
import type { Trace } from '../trace/trace.js';

/** The outside world of one server. */
export interface ServerPorts {
  readonly disk: Disk;
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** The file descriptors of this process; undefined if the system does not report them. */
  readonly fileDescriptors: () => { open: number | undefined; max: number | undefined };
  readonly environment: () => Iterable<readonly [key: string, value: string]>;
  /** Traces requests; undefined if tracing is off. */
  readonly trace?: Trace | undefined;
  /** Undefined if the changes of clients are not audited. */
  readonly audit?: Audit | undefined;
  /** The network to the other servers of the ensemble. A standalone server does not use it. */
  readonly peers: PeerNetwork;
}
