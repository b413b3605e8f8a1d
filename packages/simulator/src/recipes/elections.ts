import { LeaderElection, LeaderLatch } from '@nodekeeper/recipes';
import { ExclusiveHolds } from './exclusive-holds.js';
import { work } from './locks.js';
import type { RecipeRow } from './table.js';

export const elections: readonly RecipeRow[] = [
  {
    name: 'LeaderLatch',
    wakesMax: 2,
    open: ({ setting, path }) => {
      const holds = new ExclusiveHolds();
      return {
        join: (program, zk) => {
          const { policy, name } = program.setting;
          let latch: LeaderLatch | undefined;
          const start = async () => {
            const opened = new LeaderLatch(zk, path, { naming: setting.naming, policy, id: name });
            opened.on('error', program.recipeEnded);
            opened.on('notLeader', (reason) => {
              program.note(`leads no more: ${reason.message}`);
              program.check(!opened.isLeader, 'LeaderEvents', () => 'says that it leads during the event notLeader');
            });
            await opened.start({ signal: program.patience() });
            latch = opened;
          };
          return {
            round: async () => {
              if (latch === undefined) await start();
              const term = await latch!.waitForLeadership({ signal: program.patience(true) });
              await work(program, term, holds);
              await term.release();
              program.note(`has released ${term.path}`);
              return true;
            },
            close: async () => latch?.close(),
          };
        },
      };
    },
  },
  {
    name: 'LeaderElection',
    wakesMax: 2,
    open: ({ setting, path }) => {
      const holds = new ExclusiveHolds();
      return {
        join: (program, zk) => {
          const election = new LeaderElection(zk, path, { naming: setting.naming, policy: program.setting.policy });
          return {
            round: () =>
              election.run(
                async (held) => {
                  await work(program, held, holds);
                  return true;
                },
                { signal: program.patience() },
              ),
            close: async () => {},
          };
        },
      };
    },
  },
];
