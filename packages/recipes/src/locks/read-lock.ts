import { ZooKeeperError } from '@nodekeeper/client';
import type { Call } from '../foundation/call.js';
import { RecipeError } from '../foundation/errors.js';
import { childOf } from '../foundation/parents.js';
import { uuid } from '../foundation/unique-id.js';
import { entryOf, protectionPrefix } from '../line/naming.js';
import { createSurely, type Ticket, ticketOf } from '../line/ticket.js';
import { type Held, LineHold } from './hold.js';
import { type AcquireOptions, LineLock } from './line-lock.js';
import type { OwnedHold, Owners } from './owners.js';

/** The reading side of a `ReadWriteLock`. Any number of clients hold it while no client holds the writing side. */
export class ReadLock extends LineLock {
  #writers: Owners | undefined;

  /** @internal Must be called once with the owners of the writing side. */
  set writers(writers: Owners) {
    this.#writers = writers;
  }

  /** @internal A holder of the writing side gets the reading side at once. */
  override async enter(call: Call, options: AcquireOptions, waits: boolean): Promise<LineHold | OwnedHold | undefined> {
    const { owner } = options;
    const writers = this.#writers!;
    if (owner === undefined || !writers.has(owner)) return super.enter(call, options, waits);
    if (!waits && !writers.holds(owner)) return undefined;
    const written = await writers.holdOf(call, owner);
    if (written === undefined) return super.enter(call, options, waits);
    written.signal.throwIfAborted();
    return this.owners.enter(call, owner, waits, () => this.besides(call, written, options));
  }

  /**
   * @internal Creates a node for reading with the number of a node for writing that this client holds. With a new
   * number it would stand after other writers, which would then hold the lock together with this reader (CURATOR-621).
   */
  async besides(call: Call, written: Held, { onRevoke }: AcquireOptions): Promise<LineHold> {
    const { zk, path, acl } = this.line.caller;
    const { naming, marker, markers } = this.line.options;
    const name = written.path.slice(written.path.lastIndexOf('/') + 1);
    const { marker: writing } = entryOf(name, markers)!;
    const digits = name.slice(name.lastIndexOf(writing) + writing.length);
    const prefix = protectionPrefix(naming, uuid(zk.ports.random));
    const create = async (): Promise<Ticket[]> => {
      const options = { mode: 'EPHEMERAL', ...(acl && { acl }) } as const;
      const transaction = zk.transaction().check(written.path);
      const [, created] = await transaction
        .create(childOf(path, prefix + marker + digits), this.data, options)
        .commit(call.limits);
      return [ticketOf(created.path, created.stat)];
    };
    try {
      const [ticket] = await createSurely(call, path, prefix, create);
      return new LineHold(this.line, ticket!, this.policy, onRevoke);
    } catch (error) {
      if (!ZooKeeperError.is(error, 'NONODE')) throw error;
      throw new RecipeError('LOST', this.line.caller, `${written.path} was deleted`, error);
    }
  }
}
