import type { ZooKeeper } from '@nodekeeper/client';
import { type Call, type Caller, runCall, type WaitOptions } from '../foundation/call.js';
import { type Checks, isText } from '../foundation/checks.js';
import { childOf } from '../foundation/parents.js';
import { callerOf } from '../foundation/recipe-options.js';
import type { Naming } from '../line/naming.js';
import { firstOnly, WaitingLine } from '../line/waiting-line.js';
import { LineHold } from '../locks/hold.js';
import { type ExclusiveOptions, exclusiveChecks } from '../locks/lock.js';
import { type Contender, readContenders } from './contenders.js';

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

/** The line in which the contenders for a leadership stand. */
export class ElectionLine {
  readonly caller: Caller;
  readonly #line: WaitingLine;
  readonly #options: ElectionOptions;

  constructor(zk: ZooKeeper, recipe: keyof typeof markers, path: string, options: ElectionOptions) {
    this.caller = callerOf(zk, recipe, path, options, checks);
    const { naming = 'curator' } = options;
    const marker = markers[recipe][naming];
    this.#line = new WaitingLine(this.caller, { naming, marker, markers: [marker] });
    this.#options = options;
  }

  /**
   * Waits for the leadership. Resolves only with a hold that is certain at that moment.
   *
   * @param joined is called with the path of the own node each time that this client stands in the line
   */
  async lead(options: WaitOptions, joined: (path: string) => void = () => {}): Promise<LineHold> {
    const { id = '', policy = 'suspend' } = this.#options;
    return runCall(this.caller, options, async (call) => {
      for (;;) {
        const ticket = await this.#line.waitForTurn(call, id, (entries, own) => {
          joined(childOf(this.caller.path, entries[own]!.name));
          return firstOnly(entries, own);
        });
        const hold = new LineHold(this.#line, ticket, policy);
        if (!hold.signal.aborted) return hold;
        await hold.release();
        call.check();
      }
    });
  }

  /** Returns the contenders; the leader comes first. */
  contenders(options: WaitOptions): Promise<Contender[]> {
    return runCall(this.caller, options, (call: Call) => readContenders(call, this.#line));
  }
}
