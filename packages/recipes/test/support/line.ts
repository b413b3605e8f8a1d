import type { ClientOptions, ZooKeeper } from '@nodekeeper/client';
import { compareSequence, readSequence } from '../../src/line/sequence.js';
import type { Bench } from './bench.js';
import { FaultyNetwork } from './faulty-network.js';

/** Connects a client whose network the test disturbs. It reconnects fast. */
export async function disturbed(
  bench: Bench,
  options: ClientOptions = {},
): Promise<{ zk: ZooKeeper; network: FaultyNetwork }> {
  const helper = await bench.connect();
  const network = new FaultyNetwork(helper.ports);
  const zk = await bench.connect({
    sessionTimeoutMs: 2000,
    reconnectDelayMs: { base: 5, max: 20 },
    ...options,
    ports: network.ports,
  });
  return { zk, network };
}

/** Returns the sequential children of a node, in the order of their numbers. */
export async function namesIn(zk: ZooKeeper, path: string): Promise<string[]> {
  const { children } = await zk.children(path);
  const sequence = (name: string) => readSequence(name.slice(-10)) ?? 0;
  return children.sort((one, other) => compareSequence(sequence(one), sequence(other)));
}

/** Waits until a node has a number of children. */
export async function untilCount(zk: ZooKeeper, path: string, count: number): Promise<void> {
  while ((await zk.exists(path))?.numChildren !== count);
}
