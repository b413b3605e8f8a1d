// A registry of services and their addresses.
// Run it with: node examples/dist/by-hand/registry.js [connect string] [port]
// Start several processes with different ports, and stop some. Each process prints the running instances.
import { randomUUID } from 'node:crypto';
import {
  connect,
  json,
  type WatchEvent,
  type ZooKeeper,
  ZooKeeperError,
  type ZooKeeperErrorCode,
} from '@nodekeeper/client';

export interface Instance {
  readonly host: string;
  readonly port: number;
}

const codec = json<Instance>();
const root = '/examples/services';

/** Registers an instance of a service. The registration ends with the session of `zk`. */
export async function register(zk: ZooKeeper, service: string, instance: Instance): Promise<void> {
  const path = `${root}/${service}/${randomUUID()}`;
  for (;;) {
    try {
      await zk.createWithParents(path, instance, { mode: 'EPHEMERAL', codec });
      return;
    } catch (error) {
      // If the reply to a create is lost (CONNECTIONLOSS with the outcome `unknown`), the node may exist. The loop then
      // creates it again. NODEEXISTS means that the first create succeeded, because only we use this name.
      if (ZooKeeperError.is(error, 'NODEEXISTS')) return;
      if (!ZooKeeperError.is(error, 'CONNECTIONLOSS')) throw error;
    }
  }
}

/** The instances of all services, by the path of their node. `follow` updates them. */
export class Services {
  readonly #instances = new Map<string, Instance>();

  of(service: string): Instance[] {
    const isOf = ([path]: [string, Instance]) => path.startsWith(`${root}/${service}/`);
    return [...this.#instances].filter(isOf).map(([, instance]) => instance);
  }

  /** Follows all changes below `root`, and calls `changed` after each change. Rejects when the session ends. */
  async follow(zk: ZooKeeper, changed: () => void, signal: AbortSignal): Promise<void> {
    // One watch covers the whole subtree. It reports only changes after it is set, so `#loadAll` reads the existing
    // nodes.
    await using events = zk.watch(root, { recursive: true, signal });
    await events.ready;
    await this.#loadAll(zk);
    changed();
    for await (const event of events) {
      await this.#take(zk, event);
      changed();
    }
  }

  async #take(zk: ZooKeeper, { type, path }: WatchEvent): Promise<void> {
    if (type === 'PossiblyMissed') await this.#loadAll(zk);
    else if (type === 'NodeDeleted') this.#instances.delete(path);
    else if (path.slice(root.length).split('/').length === 3) await this.#load(zk, path);
  }

  async #loadAll(zk: ZooKeeper): Promise<void> {
    const found: string[] = [];
    for (const service of await childrenOf(zk, root)) found.push(...(await childrenOf(zk, service)));
    for (const path of this.#instances.keys()) if (!found.includes(path)) this.#instances.delete(path);
    // Send all reads before the first reply arrives. All reads together then take one round trip.
    await Promise.all(found.map((path) => this.#load(zk, path)));
  }

  async #load(zk: ZooKeeper, path: string): Promise<void> {
    const read = await zk.get(path, { codec }).catch(ignore('NONODE', 'INVALID_DATA'));
    if (read?.data) this.#instances.set(path, read.data);
    else this.#instances.delete(path);
  }
}

/** Returns the paths of a node's children, or an empty list if the node does not exist. */
async function childrenOf(zk: ZooKeeper, path: string): Promise<string[]> {
  const list = await zk.children(path).catch(ignore('NONODE'));
  return (list?.children ?? []).map((name) => `${path}/${name}`);
}

/** Returns a handler for `catch` that ignores errors with one of these codes and throws all others. */
function ignore(...codes: ZooKeeperErrorCode[]): (error: unknown) => undefined {
  return (error) => {
    if (!codes.some((code) => ZooKeeperError.is(error, code))) throw error;
  };
}

/**
 * Registers an instance and follows all instances until `stop` is aborted. Opens a new session if the session expires.
 */
export async function run(
  connectString: string | undefined,
  instance: Instance,
  changed: (services: Services) => void,
  stop: AbortSignal,
): Promise<void> {
  const services = new Services();
  while (!stop.aborted) {
    // `using` closes this client at the end of this round. Its session then ends, and our node is deleted at once.
    await using zk = await connect(connectString);
    try {
      await register(zk, 'web', instance);
      // While disconnected, the last known instances remain in use, because an outdated list is better than none.
      for (;;) await services.follow(zk, () => changed(services), stop).catch(ignore('CONNECTIONLOSS'));
    } catch (error) {
      if (!ZooKeeperError.is(error, 'SESSIONEXPIRED') && !stop.aborted) throw error;
    }
  }
}

async function main(): Promise<void> {
  const [, , connectString, portText = '8080'] = process.argv;
  const port = Number(portText);
  if (!Number.isInteger(port)) throw new Error(`${portText} is not a port`);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const changed = (services: Services) => {
    const places = services.of('web').map(({ host, port: at }) => `${host}:${at}`);
    console.log(`web: ${places.sort().join(' ') || 'no instance'}`);
  };
  await run(connectString, { host: '127.0.0.1', port }, changed, stop.signal);
}

if (process.argv[1] === import.meta.filename) await main();
