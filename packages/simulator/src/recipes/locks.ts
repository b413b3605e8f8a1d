import { type Held, Lock } from '@nodekeeper/recipes';
import { ExclusiveHolds } from './exclusive-holds.js';
import type { Program } from './program.js';
import type { RecipeRow } from './table.js';

/** Writes to another system for a while, as long as the hold is not lost, and then releases the hold. */
async function workWith(program: Program, held: Held, holds: ExclusiveHolds): Promise<void> {
  const end = holds.granted(program, held);
  for (let left = 1 + Math.floor(program.random() * 4); left > 0 && !held.signal.aborted; left--) {
    holds.write(held, program);
    await program.sleep((program.random() * program.setting.workMs) / 2);
  }
  end();
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
      return (program, zk) => {
        const lock = new Lock(zk, path, { naming: setting.naming, policy: program.setting.policy });
        return {
          round: async () => {
            const held = await lock.acquire({ signal: program.patience() });
            await workWith(program, held, holds);
            return true;
          },
          close: async () => {},
        };
      };
    },
  },
];
