import { ZooKeeperError } from '@nodekeeper/client';
import type { Call, Caller } from '../foundation/call.js';
import { untilAnswered } from '../foundation/guaranteed-delete.js';
import { ensureNode } from '../foundation/parents.js';
import { type Ticket, ticketOf } from '../line/ticket.js';
import { aclOf, type WorkTree } from './tree.js';
import { untilChanged } from './until-changed.js';
import { decodeWorker, encodeWorker, type WorkerData } from './worker-data.js';

/** The content of the node of a registration. */
export type Registration = WorkerData & { readonly id: string };

/** The part of an id that all registrations of one worker share. */
function ownerOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}

/**
 * Creates the ephemeral node of a worker, and the directory of its assignments. Waits while another worker has the name.
 *
 * @param data its id has the form `<worker>/<number>`
 */
export async function register(call: Call, tree: WorkTree, name: string, data: Registration): Promise<Ticket> {
  const ticket = await createOwn(call, tree, name, data);
  await ensureNode(call, tree.assignments(name), 'PERSISTENT');
  return ticket;
}

async function createOwn(call: Call, tree: WorkTree, name: string, data: Registration): Promise<Ticket> {
  const { zk } = call.caller;
  const path = tree.worker(name);
  for (;;) {
    try {
      const options = { mode: 'EPHEMERAL', ...aclOf(call.caller), ...call.limits } as const;
      const created = await call.retry(() => zk.create(path, encodeWorker(data), options));
      return ticketOf(created.path, created.stat);
    } catch (error) {
      if (ZooKeeperError.is(error, 'NONODE')) {
        await tree.ensure(call);
        continue;
      }
      if (!ZooKeeperError.is(error, 'NODEEXISTS')) throw error;
    }
    const found = await call.retry(() => read(call.caller, path));
    if (found === undefined) continue;
    // the reply to the creation was lost
    if (found.id === data.id && found.ticket.sessionId === zk.session.id) return found.ticket;
    if (found.id !== undefined && ownerOf(found.id) === ownerOf(data.id)) await unregister(call.caller, path, found.id);
    else await untilChanged(call, [path], ([stat]) => stat?.czxid === found.ticket.czxid);
  }
}

/** Deletes the node of a registration, however long that takes. */
export async function unregister(caller: Caller, path: string, id: string): Promise<void> {
  const { zk } = caller;
  await untilAnswered(zk, async () => {
    const found = await read(caller, path);
    if (found?.id === id) await zk.delete(path, { version: found.version });
  }).catch((error) => {
    if (!ZooKeeperError.is(error, 'BADVERSION')) throw error;
  });
}

async function read({ zk }: Caller, path: string) {
  try {
    const { data, stat } = await zk.get(path);
    return { id: decodeWorker(data).id, ticket: ticketOf(path, stat), version: stat.version };
  } catch (error) {
    if (ZooKeeperError.is(error, 'NONODE')) return undefined;
    throw error;
  }
}
