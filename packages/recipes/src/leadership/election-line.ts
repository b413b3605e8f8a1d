import type { ZooKeeper } from '@nodekeeper/client';
import type { Caller } from '../foundation/call.js';
import { type Checks, isText } from '../foundation/checks.js';
import { childOf } from '../foundation/parents.js';
import { callerOf } from '../foundation/recipe-options.js';
import type { Naming } from '../line/naming.js';
import { firstOnly, WaitingLine } from '../line/waiting-line.js';
import { LineLock } from '../locks/line-lock.js';
import { type ExclusiveOptions, exclusiveChecks } from '../locks/lock.js';

/** Options of the recipes that elect a leader. */
export interface ElectionOptions extends Omit<ExclusiveOptions, 'data'> {
  /** The name of this contender in the list of contenders, such as a host name. Default: empty. */
  readonly id?: string;
}

const { naming, policy } = exclusiveChecks;
const checks: Checks = { naming: naming!, policy: policy!, id: isText };

/** The marker of the nodes of each recipe. A kazoo `Election` is a kazoo `Lock`. */
const markers = {
  LeaderLatch: { curator: '-latch-', kazoo: '__lock__' },
  LeaderElection: { curator: '-lock-', kazoo: '__lock__' },
} as const satisfies Record<string, Record<Naming, string>>;

/** The line in which the contenders for a leadership stand. The leadership is a lock. */
export class ElectionLine extends LineLock {
  readonly caller: Caller;

  /** @param joined is called with the path of the own node each time that this client stands in the line */
  constructor(
    zk: ZooKeeper,
    recipe: keyof typeof markers,
    path: string,
    options: ElectionOptions,
    joined: (path: string) => void = () => {},
  ) {
    const caller = callerOf(zk, recipe, path, options, checks);
    const { naming = 'curator', policy = 'suspend', id = '' } = options;
    const marker = markers[recipe][naming];
    const line = new WaitingLine(caller, { naming, marker, markers: [marker] });
    super(
      line,
      (entries, own) => {
        joined(childOf(path, entries[own]!.name));
        return firstOnly(entries, own);
      },
      policy,
      id,
    );
    this.caller = caller;
  }
}
