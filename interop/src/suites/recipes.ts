import { connect, type ZooKeeper } from '@nodekeeper/client';
import { installLibrary } from '../recipes/libraries.js';
import { type Library, Peer } from '../recipes/peer.js';
import { scenarios } from '../recipes/scenarios.js';
import { type Context, type Suite, startServer, withServers } from '../suite.js';

export const recipes: Suite = {
  name: 'recipes',
  shows: 'the recipes of nodekeeper, Curator and kazoo work together on the same paths, with kills',
  async run(context) {
    const directory = `${context.workDirectory}/server`;
    const start = () => startServer(context.subject, { directory, config: { tickTime: '200', maxClientCnxns: '0' } });
    return await withServers([start], async ([server]) => {
      const connectString = `127.0.0.1:${server!.port}`;
      const zk = await connect(connectString);
      try {
        const counts = [
          await runAll(context, zk, connectString, 'curator'),
          await runAll(context, zk, connectString, 'kazoo'),
        ];
        return `${counts[0]} scenarios with Curator and ${counts[1]} with kazoo, each in both orders`;
      } finally {
        await zk.close();
      }
    });
  },
};

/** Runs the scenarios with one other library. Returns their number. */
async function runAll(context: Context, zk: ZooKeeper, connectString: string, other: Library): Promise<number> {
  const commands = new Map<Library, (connectString: string) => readonly string[]>();
  for (const library of ['nodekeeper', other] as const) {
    commands.set(library, await installLibrary(library, other));
  }
  const started: Peer[] = [];
  const start = async (library: Library) => {
    const peer = await Peer.start(library, commands.get(library)!(connectString));
    started.push(peer);
    return peer;
  };
  const only = context.options.get('only') ?? '';
  let count = 0;
  let paths = 0;
  try {
    const ours = await start('nodekeeper');
    const theirs = await start(other);
    for (const scenario of scenarios) {
      if (!scenario.with.includes(other) || !scenario.name.includes(only)) continue;
      count++;
      for (const [first, second] of [[ours, theirs] as const, [theirs, ours] as const]) {
        const name = `${scenario.name} (${first.library} first, ${second.library} second)`;
        try {
          await scenario.run({ zk, path: `/${other}-${++paths}`, start }, first, second);
        } catch (error) {
          throw new Error(`${name}: ${error instanceof Error ? error.stack : error}`, { cause: error });
        }
        await Promise.all(started.splice(2).map((peer) => peer.kill()));
        context.say(`  passed: ${name}`);
      }
    }
  } finally {
    await Promise.all(started.map((peer) => peer.kill()));
  }
  return count;
}
