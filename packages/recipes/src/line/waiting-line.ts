import { type Data, type Stat, ZooKeeperError } from '@nodekeeper/client';
import { type Call, type Caller, isConnectionLoss } from '../foundation/call.js';
import { deleteSurely, deleteUnseen } from '../foundation/guaranteed-delete.js';
import { childOf, ensureContainer } from '../foundation/parents.js';
import { isRenewed, SessionGuard } from '../foundation/session-guard.js';
import { uuid } from '../foundation/unique-id.js';
import { entryOf, type LineEntry, type Naming, protectionPrefix } from './naming.js';
import { compareSequence } from './sequence.js';

/** The form of the nodes in a line. */
interface LineOptions {
  readonly naming: Naming;
  /** The text before the number of this client's node, such as `-lock-`. */
  readonly marker: string;
  /** The markers of all nodes that stand in this line. Nodes with other names are ignored. */
  readonly markers: readonly string[];
}

/** The own node of a client in a line. */
export interface Ticket {
  readonly name: string;
  readonly path: string;
  /** The zxid of the node's creation. It is larger for each later node, so it is the fencing token. */
  readonly czxid: number;
}

/**
 * Decides whose turn it is. Returns undefined if it is the turn of the entry with index `own`, and otherwise the entry
 * that must go first.
 *
 * @param entries the nodes in the line, in the order of their numbers
 */
type TurnRule = (entries: readonly LineEntry[], own: number) => LineEntry | undefined;

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
   * If the node is gone, because another client has deleted it or because the session has expired and the client has a
   * new one, this client joins again, at the end.
   */
  async waitForTurn(call: Call, data: Data, rule: TurnRule): Promise<Ticket> {
    for (;;) {
      try {
        const ticket = await this.#joinAndWait(call, data, rule);
        if (ticket !== undefined) return ticket;
      } catch (error) {
        if (!isRenewed(this.caller.zk, error)) throw error;
      }
    }
  }

  /** Returns undefined if the node is gone before its turn. */
  async #joinAndWait(call: Call, data: Data, rule: TurnRule): Promise<Ticket | undefined> {
    const { ticket, names } = await this.#join(call, data);
    let hasTurn = false;
    try {
      hasTurn = await this.#reachesTurn(call, ticket, names, rule);
      return hasTurn ? ticket : undefined;
    } finally {
      // also if the node seems to be gone: if it still existed, this client's next node would wait for it for ever
      if (!hasTurn) void this.leave(ticket).catch(() => {});
    }
  }

  /** Deletes the node of a ticket, however long that takes. */
  leave(ticket: Ticket): Promise<void> {
    return deleteSurely(this.caller.zk, ticket.path);
  }

  /** Returns the nodes in the line, in the order of their numbers. */
  entries(names: readonly string[]): LineEntry[] {
    const entries = names.flatMap((name) => entryOf(name, this.options.markers) ?? []);
    return entries.sort((one, other) => compareSequence(one.sequence, other.sequence));
  }

  async list(call: Call): Promise<string[]> {
    const { zk, path } = this.caller;
    return (await call.retry(() => zk.children(path, call.limits))).children;
  }

  // ---- the own node

  /**
   * Creates the node and lists the line. Both requests are on their way at the same time: the server carries them out
   * in order, so the list contains the new node.
   */
  async #join(call: Call, data: Data): Promise<{ ticket: Ticket; names: string[] }> {
    const { zk, path } = this.caller;
    const id = uuid(zk.ports.random);
    const prefix = protectionPrefix(this.options.naming, id);
    for (;;) {
      call.check();
      const creating = this.#create(call, prefix, data);
      const listing = zk.children(path, call.limits).catch(() => undefined);
      try {
        const ticket = await creating;
        return { ticket, names: (await listing)?.children ?? (await this.list(call)) };
      } catch (error) {
        if (!ZooKeeperError.is(error, 'NONODE')) throw error;
      }
      await ensureContainer(call, path);
    }
  }

  /**
   * Creates the node. The reply may be lost, so the node may exist under an unknown name. A second node would wait for
   * the first one for ever. So the client first looks for a node with its prefix (CURATOR-18).
   */
  async #create(call: Call, prefix: string, data: Data): Promise<Ticket> {
    const { zk, path, acl } = this.caller;
    const { marker } = this.options;
    const options = { mode: 'EPHEMERAL_SEQUENTIAL', ...(acl && { acl }), ...call.limits } as const;
    let mayExist = false;
    try {
      return await call.retry(async () => {
        const found = mayExist ? await this.#find(call, prefix) : undefined;
        if (found !== undefined) return found;
        try {
          const { path: created, stat } = await zk.create(childOf(path, prefix + marker), data, options);
          return ticketOf(created, stat);
        } catch (error) {
          mayExist ||= ZooKeeperError.is(error) && error.outcome === 'unknown';
          throw error;
        }
      });
    } catch (error) {
      if (mayExist) void deleteUnseen(zk, path, prefix).catch(() => {});
      throw error;
    }
  }

  /** Returns this client's node with the prefix, or undefined if there is none. */
  async #find(call: Call, prefix: string): Promise<Ticket | undefined> {
    const { zk, path } = this.caller;
    // after `sync`, the server has applied the lost request, if the ensemble has carried it out at all
    await zk.sync(path, call.limits);
    try {
      const { children } = await zk.children(path, call.limits);
      const name = children.find((each) => each.startsWith(prefix));
      if (name === undefined) return undefined;
      const stat = await zk.exists(childOf(path, name), call.limits);
      // a node of an earlier session of this client will be deleted soon (CURATOR-498)
      return stat?.ephemeralOwner === zk.session.id ? ticketOf(childOf(path, name), stat) : undefined;
    } catch (error) {
      if (ZooKeeperError.is(error, 'NONODE')) return undefined;
      throw error;
    }
  }

  // ---- the turn

  /** Returns true when it is the turn of the ticket, and false if its node does not exist any more. */
  async #reachesTurn(call: Call, ticket: Ticket, firstNames: string[], rule: TurnRule): Promise<boolean> {
    for (let names = firstNames; ; names = await this.list(call)) {
      const entries = this.entries(names);
      const own = entries.findIndex(({ name }) => name === ticket.name);
      if (own < 0) return false;
      const before = rule(entries, own);
      if (before === undefined) return true;
      await this.#untilChanged(call, childOf(this.caller.path, before.name));
    }
  }

  /** Waits until a node changes or is deleted, or the session may be over. Returns at once if it does not exist. */
  async #untilChanged(call: Call, path: string): Promise<void> {
    const { zk } = this.caller;
    await call.wait((wake, fail) => {
      const look = async () => {
        if ((await zk.exists(path, { watch: wake, ...call.limits })) === null) wake();
      };
      look().catch((error) => (isConnectionLoss(error) ? wake() : fail(error)));
      // with the session, the own node is gone, and the watch of the other node does not tell that
      const forgetSession = SessionGuard.of(zk).depend('session', wake);
      return () => {
        forgetSession();
        // does nothing if the watch has fired
        zk.removeWatches(path, { kind: 'data', callback: wake, local: true }).catch(() => {});
      };
    });
  }
}

function ticketOf(path: string, { czxid }: Stat): Ticket {
  return { path, name: path.slice(path.lastIndexOf('/') + 1), czxid };
}

/** The rule of a mutex: the first node has the turn, and each node waits for the one before it. */
export const firstOnly: TurnRule = (entries, own) => entries[own - 1];
