import { type ClientOptions, connect, digestId, type ZooKeeper } from '@nodekeeper/client';
import { fourLetterWord } from '../peers/index.js';
import type { BehaviourContext, Scenario } from './scenario.js';

/** A server for scenarios, configured with `zooCfg`. */
export interface BehaviourServer {
  readonly port: number;
  restart(whileDown: () => void | Promise<void>): Promise<void>;
}

export const superDigest: string = digestId('super', 'secret');

/** The server's configuration. Ticks are short, so that sessions expire and nodes are reaped without long waits. */
export const zooCfg: Readonly<Record<string, string>> = {
  tickTime: '200',
  maxSessionTimeout: '40000',
  extendedTypesEnabled: 'true',
  enforceQuota: 'true',
  'DigestAuthenticationProvider.superDigest': superDigest,
};

/** The settings that ZooKeeper reads from system properties only, and not from zoo.cfg. */
export const systemProperties: Readonly<Record<string, string>> = { 'znode.container.checkIntervalMs': '200' };

/** The chroot for the second run of each scenario. The first run uses none. */
export const chroot = '/inside/of/this';

/** Runs a scenario on an empty tree, and empties the tree afterwards. */
export async function runScenario(
  server: BehaviourServer,
  scenario: Scenario,
  root: '' | typeof chroot,
): Promise<void> {
  const clients: ZooKeeper[] = [];
  const connectTo = async (path: string, options: ClientOptions = {}) => {
    const client = await connect(`127.0.0.1:${server.port}${path}`, { connectTimeoutMs: 10_000, ...options });
    clients.push(client);
    return client;
  };
  const admin = await connectTo('', { auth: [{ scheme: 'digest', auth: 'super:secret' }] });
  try {
    if (root !== '') await admin.createWithParents(root);
    const context: BehaviourContext = {
      port: server.port,
      chroot: root,
      zk: await connectTo(root),
      connect: (options) => connectTo(root, options),
      connectTo: (path, options) => connectTo(root + path, options),
      restart: (whileDown = () => {}) => server.restart(whileDown),
      word: (word) => fourLetterWord(server.port, word),
    };
    await scenario.run(context);
  } finally {
    await Promise.all(clients.slice(1).map((client) => client.close()));
    await admin.connected({ timeoutMs: 20_000 });
    await admin.deleteRecursive('/', { wholeTree: true });
    await admin.close();
  }
}
