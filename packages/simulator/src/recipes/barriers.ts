import { DoubleBarrier } from '@nodekeeper/recipes';
import type { Program } from './program.js';
import type { RecipeRow } from './table.js';

/** The number of members with which a double barrier opens. Every run has at least as many programs. */
const memberCount = 2;

export const barriers: readonly RecipeRow[] = [
  {
    name: 'DoubleBarrier',
    // the node of an open barrier stays if all members have died inside
    keeps: (name) => name === 'ready',
    open: ({ setting, path }) => {
      /**
       * The programs that enter, are inside or leave, with the largest number of them since then. A killed program
       * stays until it enters again, because it may have been a member.
       */
      const members = new Map<Program, number>();
      const enters = (program: Program) => {
        members.set(program, 0);
        for (const [member, most] of members) members.set(member, Math.max(most, members.size));
      };
      return {
        join: (program, zk) => {
          const barrier = new DoubleBarrier(zk, path, memberCount, { naming: setting.naming });
          return {
            round: async () => {
              enters(program);
              await barrier.enter({ signal: program.patience(true), timeoutMs: 3000 }).catch((error) => {
                members.delete(program);
                throw error;
              });
              program.note('is inside');
              const most = members.get(program)!;
              program.check(most >= memberCount, 'BarrierOpens', () => `is inside, but there were ${most} members`);
              await program.sleep((program.random() * program.setting.workMs) / 2);
              // a member that is leaving keeps the barrier open
              await barrier.leave({ signal: program.patience(true), timeoutMs: 3000 }).finally(() => {
                members.delete(program);
              });
              program.note('has left');
              return true;
            },
            close: async () => {},
          };
        },
      };
    },
  },
];
