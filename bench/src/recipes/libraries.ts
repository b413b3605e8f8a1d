/** The row `libraries`: locks and queues of nodekeeper, Curator and kazoo, in turn on one server. */
import { installLibrary, type Library, Peer } from '@nodekeeper/interop/recipes';
import { median } from '../compare.js';
import { count, serverNames } from '../report.js';
import { makeDataDirectory, removeDataDirectory, startServer } from '../servers.js';
import type { RecipeLine, RecipeRow } from './rows.js';

const libraries: readonly Library[] = ['nodekeeper', 'curator', 'kazoo'];
const batchSize = 200;
/** The first batches are not measured, so that the JVM has compiled its code. */
const warmUpBatches = 3;

const loads = [
  { name: 'acquire and release a lock', command: 'cycles' },
  { name: 'put an item and take it', command: 'queueCycles' },
] as const;

export const librariesRow: RecipeRow = {
  name: 'libraries',
  async measure({ servers, config, rounds }) {
    const lines: RecipeLine[] = [];
    const data: Record<string, unknown> = {};
    for (const kind of servers) {
      const directory = makeDataDirectory();
      const server = await startServer(kind, directory, { config });
      const peers: Peer[] = [];
      try {
        for (const library of libraries) {
          const naming = library === 'kazoo' ? library : 'curator';
          const command = await installLibrary(library, naming);
          peers.push(await Peer.start(library, command(`127.0.0.1:${server.port}`)));
        }
        for (const { name, command } of loads) {
          const ratesOf = await measureInTurn(peers, command, rounds);
          data[`${kind} ${command}`] = ratesOf;
          for (const { library } of peers) {
            const rate = median(ratesOf[library]!);
            const measure = `${name}: ${library}, on ${serverNames[kind]}`;
            lines.push({ measure, value: `${count(rate)} per s`, goal: '' });
          }
        }
      } finally {
        await Promise.all(peers.map((peer) => peer.kill()));
        await server.kill();
        removeDataDirectory(directory);
      }
    }
    return { lines, data };
  },
};

async function measureInTurn(peers: readonly Peer[], command: string, rounds: number) {
  const ratesOf: Partial<Record<Library, number[]>> = {};
  for (let batch = 0; batch < warmUpBatches + rounds * 2; batch++) {
    for (const peer of peers) {
      const path = `/${command}-${peer.library}`;
      const tookMs = await peer.do<number>(command, { kind: 'mutex', path, times: batchSize });
      if (batch >= warmUpBatches) (ratesOf[peer.library] ??= []).push((batchSize / tookMs) * 1000);
    }
  }
  return ratesOf;
}
