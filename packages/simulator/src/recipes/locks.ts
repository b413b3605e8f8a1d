import { type Held, Lock, ReadWriteLock, Semaphore } from '@nodekeeper/recipes';
import { ExclusiveHolds, type HoldOptions } from './exclusive-holds.js';
import type { Program } from './program.js';
import type { RecipeRow } from './table.js';

const shared: HoldOptions = { isShared: true };

/** Works while the program has the hold. A holder that is alone writes to another system. */
export async function work(program: Program, held: Held, holds: ExclusiveHolds, options?: HoldOptions): Promise<void> {
  const end = holds.granted(program, held, options);
  for (let left = 1 + Math.floor(program.random() * 4); left > 0 && !held.signal.aborted; left--) {
    if (options === undefined) holds.write(held, program);
    await program.sleep((program.random() * program.setting.workMs) / 2);
  }
  end();
}

async function workAndRelease(
  program: Program,
  held: Held,
  holds: ExclusiveHolds,
  options?: HoldOptions,
): Promise<void> {
  await work(program, held, holds, options);
  await held.release();
  program.note(`has released ${held.path}`);
}

export const locks: readonly RecipeRow[] = [
  {
    name: 'Lock',
    // the owner of the node and the next in line
    wakesMax: 2,
    open: ({ setting, path }) => {
      const holds = new ExclusiveHolds();
      return {
        join: (program, zk) => {
          const lock = new Lock(zk, path, { naming: setting.naming, policy: program.setting.policy });
          return {
            round: async () => {
              const options = { signal: program.patience() };
              const held = program.random() < 0.2 ? await lock.tryAcquire(options) : await lock.acquire(options);
              if (held !== undefined) await workAndRelease(program, held, holds);
              return held !== undefined;
            },
            close: async () => {},
          };
        },
      };
    },
  },
  {
    name: 'ReadWriteLock',
    open: ({ setting, path }) => {
      const holds = new ExclusiveHolds();
      return {
        join: (program, zk) => {
          const { read, write } = new ReadWriteLock(zk, path, {
            naming: setting.naming,
            policy: program.setting.policy,
          });
          const writeOnce = async () => {
            await using held = await write.acquire({ signal: program.patience() });
            if (program.random() < 0.7) return await workAndRelease(program, held, holds);
            await work(program, held, holds);
            const reading = await held.downgrade();
            program.note(`has turned ${held.path} into ${reading.path}`);
            await workAndRelease(program, reading, holds, shared);
          };
          return {
            round: async () => {
              if (program.random() < 0.5) await writeOnce();
              else await workAndRelease(program, await read.acquire({ signal: program.patience() }), holds, shared);
              return true;
            },
            close: async () => {},
          };
        },
      };
    },
    // a downgrade of a lost hold, or one that loses its node
    rejects: ['LOST', 'IN_DOUBT', 'SESSIONEXPIRED'],
  },
  {
    name: 'Semaphore',
    // with the names of kazoo, its data is the number of permits
    keeps: (name) => name === 'semaphore',
    wakesMax: 2,
    open: ({ setting, path }) => {
      const permits = 3;
      const holds = new ExclusiveHolds(permits);
      return {
        join: (program, zk) => {
          const { policy } = program.setting;
          const semaphore = new Semaphore(zk, `${path}/semaphore`, { naming: setting.naming, policy, permits });
          return {
            round: async () => {
              const weight = 1 + Math.floor(program.random() * 2);
              const options = { signal: program.patience(), permits: weight };
              const held = await (program.random() < 0.2 ? semaphore.tryAcquire(options) : semaphore.acquire(options));
              if (held !== undefined) await workAndRelease(program, held, holds, { weight });
              return held !== undefined;
            },
            close: async () => {},
          };
        },
      };
    },
  },
];
