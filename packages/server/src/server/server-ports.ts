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
  /** Of this process; undefined where the system does not tell. */
  readonly fileDescriptors: () => { open: number | undefined; max: number | undefined };
  readonly environment: () => Iterable<readonly [key: string, value: string]>;
  /** Follows requests; undefined where nothing does. */
  readonly trace?: Trace | undefined;
  /** Undefined where nothing writes down what clients change. */
  readonly audit?: Audit | undefined;
  /** The way to the other servers of the ensemble; a standalone server has no use for it. */
  readonly peers: PeerNetwork;
}
