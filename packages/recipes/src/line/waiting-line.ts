import { type Data, ZooKeeperError } from '@nodekeeper/client';
import { type Call, type Caller, isConnectionLoss } from '../foundation/call.js';
import { deleteSurely } from '../foundation/guaranteed-delete.js';
import { childOf, ensureContainer } from '../foundation/parents.js';
import { isRenewed, SessionGuard } from '../foundation/session-guard.js';
import { uuid } from '../foundation/unique-id.js';
import { entryOf, type LineEntry, type Naming, protectionPrefix } from './naming.js';
import { compareSequence } from './sequence.js';
import { childrenOf, createSurely, type Ticket, ticketOf } from './ticket.js';

export type { Ticket } from './ticket.js';

/** The form of the nodes in a line. */
interface LineOptions {
  readonly naming: Naming;
  /** The text before the number of this client's node, such as `-lock-`. */
  readonly marker: string;
  /**
   * The markers of all nodes that stand in this line. Nodes with other names are ignored. Of two nodes with the same
   * number, the one with the earlier marker is first.
   */
  readonly markers: readonly string[];
}

/**
 * Decides whose turn it is. Returns undefined if it is the turn of the entry with index `own`, and otherwise the entry
 * that must go first.
 *
 * @param entries the nodes in the line, in the order of their numbers
 */
export type TurnRule = (entries: readonly LineEntry[], own: number) => LineEntry | undefined;

/** `gone`: the node does not exist any more, so its client must join again. */
type Outcome = 'turn' | 'blocked' | 'gone';

/** A node in the line, and the names in the line after its creation if they are known. */
interface Joined {
  readonly ticket: Ticket;
  readonly names: readonly string[] | undefined;
}

/**
 * A line of clients at a path. Each client has an ephemeral sequential node, and waits until one certain earlier node is
 * gone. Therefore a node that goes away wakes one client, not all of them.
 */
export class WaitingLine {
  constructor(
    readonly caller: Caller,
    readonly options: LineOptions,
  ) {}

  /**
   * Joins the line and waits for the turn. If the call ends early, the node is deleted, if necessary in the background.
   * If the session expires and the client gets a new one, joins again with the new session.
   */
  async waitForTurn(call: Call, data: Data, rule: TurnRule): Promise<Ticket> {
    for (;;) {
      const ticket = await this.#enter(call, data, rule, true);
      if (ticket !== undefined) return ticket;
    }
  }

  /** Joins the line. If it is not the turn of the new node at once, deletes the node and returns undefined. */
  tryTurn(call: Call, data: Data, rule: TurnRule): Promise<Ticket | undefined> {
    return this.#enter(call, data, rule, false);
  }

  async #enter(call: Call, data: Data, rule: TurnRule, waits: boolean): Promise<Ticket | undefined> {
    for (;;) {
      let outcome: Outcome = 'gone';
      let leaving: Promise<void> | undefined;
      try {
        const { ticket, names } = await this.#join(call, data);
        try {
          outcome = await this.#reachTurn(call, ticket, names, rule, waits);
          if (outcome === 'turn') return ticket;
        } finally {
          // also if the node seems to be gone: if it still existed, this client's next node would wait for it
          if (outcome !== 'turn') leaving = this.leave(ticket);
          leaving?.catch(() => {});
        }
      } catch (error) {
        if (!isRenewed(this.caller.zk, error)) throw error;
      }
      if (outcome === 'blocked') return call.finish(leaving!);
    }
  }

  /** Deletes the node of a ticket, however long that takes. */
  leave(ticket: Ticket): Promise<void> {
    return deleteSurely(this.caller.zk, ticket.path);
  }

  /** Returns the nodes in the line, in the order of their numbers. */
  entries(names: readonly string[]): LineEntry[] {
    const { markers } = this.options;
    const rank = ({ marker }: LineEntry) => markers.indexOf(marker);
    const entries = names.flatMap((name) => entryOf(name, markers) ?? []);
    return entries.sort((one, other) => compareSequence(one.sequence, other.sequence) || rank(one) - rank(other));
  }

  /** Returns the names of all nodes at the path of the line; none if the path does not exist. */
  list(call: Call): Promise<string[]> {
    const { zk, path } = this.caller;
    return call.retry(() => childrenOf(zk, path, call));
  }

  /**
   * Creates the node and lists the line. Both requests are on their way at the same time: the server carries them out
   * in order, so the list contains the new node.
   */
  async #join(call: Call, data: Data): Promise<Joined> {
    const { zk, path } = this.caller;
    for (;;) {
      call.check();
      // a new prefix for each node: a node of an earlier attempt may still be looked for, to be deleted
      const prefix = protectionPrefix(this.options.naming, uuid(zk.ports.random));
      const creating = createSurely(call, path, prefix, () => this.#create(call, prefix, data));
      const listing = zk.children(path, call.limits).catch(() => undefined);
      try {
        const [ticket] = await creating;
        return { ticket: ticket!, names: (await listing)?.children };
      } catch (error) {
        if (!ZooKeeperError.is(error, 'NONODE')) throw error;
      }
      await ensureContainer(call, path);
    }
  }

  async #create(call: Call, prefix: string, data: Data): Promise<Ticket[]> {
    const { zk, path, acl } = this.caller;
    const options = { mode: 'EPHEMERAL_SEQUENTIAL', ...(acl && { acl }), ...call.limits } as const;
    const created = await zk.create(childOf(path, prefix + this.options.marker), data, options);
    return [ticketOf(created.path, created.stat)];
  }

  /** Waits until it is the turn of the ticket. Without `waits`, looks only once. */
  async #reachTurn(
    call: Call,
    ticket: Ticket,
    firstNames: readonly string[] | undefined,
    rule: TurnRule,
    waits: boolean,
  ): Promise<Outcome> {
    for (let names = firstNames ?? (await this.list(call)); ; names = await this.list(call)) {
      // the servers may still list the node of an expired session
      if (this.caller.zk.session.id !== ticket.sessionId) return 'gone';
      const entries = this.entries(names);
      const own = entries.findIndex(({ name }) => name === ticket.name);
      if (own < 0) return 'gone';
      const before = rule(entries, own);
      if (before === undefined) return 'turn';
      if (!waits) return 'blocked';
      await this.#untilChanged(call, childOf(this.caller.path, before.name), ticket);
    }
  }

  /**
   * Waits until a node changes or is deleted, or the session of the own node is over. Returns at once if the node does
   * not exist.
   */
  async #untilChanged(call: Call, path: string, { sessionId }: Ticket): Promise<void> {
    const { zk } = this.caller;
    await call.wait((wake, fail) => {
      const forgetSession = SessionGuard.of(zk).depend('expiry', wake, sessionId);
      let hasFired = false;
      const watch = () => {
        hasFired = true;
        wake();
      };
      const look = async () => {
        if ((await zk.exists(path, { watch, ...call.limits })) === null) wake();
      };
      look().catch((error) => (isConnectionLoss(error) ? wake() : fail(error)));
      return () => {
        forgetSession();
        if (!hasFired) zk.removeWatches(path, { kind: 'data', callback: watch, local: true }).catch(() => {});
      };
    });
  }
}

/** The rule of a mutex: the first node has the turn, and each node waits for the one before it. */
export const firstOnly: TurnRule = (entries, own) => entries[own - 1];
