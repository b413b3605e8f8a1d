import type { ZooKeeper } from '@nodekeeper/client';
import { IdBlocks, SequentialNames, type WaitOptions } from '@nodekeeper/recipes';
import type { RecipeRow } from './table.js';

interface Source {
  next(options: WaitOptions): Promise<bigint | string>;
}

/** A recipe that gives unique ids. Those of one client grow. */
function idsRow(name: string, open: (zk: ZooKeeper, path: string) => Source): RecipeRow {
  return {
    name,
    keeps: (node) => node === 'ids',
    // a block that may have been reserved when the session ended
    rejects: ['IN_DOUBT'],
    open: ({ path }) => {
      const given = new Set<bigint | string>();
      return {
        join: (program, zk) => {
          const source = open(zk, `${path}/ids`);
          let last: bigint | string | undefined;
          return {
            round: async () => {
              const id = await source.next({ signal: program.patience() });
              program.note(`gets the id ${id}`);
              program.check(!given.has(id), 'UniqueIds', () => `gets ${id}, which was given before`);
              program.check(last === undefined || id > last, 'UniqueIds', () => `gets ${id} after ${last}`);
              given.add(id);
              last = id;
              return true;
            },
            close: async () => {},
          };
        },
      };
    },
  };
}

export const ids: readonly RecipeRow[] = [
  idsRow('SequentialNames', (zk, path) => new SequentialNames(zk, path)),
  idsRow('IdBlocks', (zk, path) => new IdBlocks(zk, path, { blockSize: 3 })),
];
