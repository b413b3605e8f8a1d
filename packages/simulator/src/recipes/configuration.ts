import type { StandardSchema } from '@nodekeeper/client';
import { ConfigCenter } from '@nodekeeper/recipes';
import type { RecipeRow } from './table.js';

const isOfConfiguration = (name: string) => /^config(\/|$)/.test(name);

/** Accepts every number. */
const number: StandardSchema<number> = {
  '~standard': {
    version: 1,
    vendor: 'simulator',
    validate: (value) => (typeof value === 'number' ? { value } : { issues: [{ message: 'is no number' }] }),
  },
};

const keys = { left: { schema: number, default: 0 }, right: { schema: number, default: 0 } };

/** Each change writes the same number to both keys, so a program must never see two numbers. */
export const configuration: RecipeRow = {
  name: 'ConfigCenter',
  keeps: isOfConfiguration,
  rejects: ['IN_DOUBT', 'SESSIONEXPIRED'],
  open: ({ path, model }) => ({
    join: (program, zk) => {
      let config: ConfigCenter<{ left: typeof number; right: typeof number }> | undefined;
      const look = ({ left, right }: { left: number; right: number }) => {
        program.note(`sees ${left} and ${right}`);
        program.check(left === right, 'WholeChange', () => `sees left ${left} and right ${right}`);
      };
      const start = async () => {
        const opened = new ConfigCenter(zk, `${path}/config`, { keys, historyMax: 3 });
        opened.on('change', ({ current }) => look(current));
        opened.on('invalid', ({ error }) => program.check(false, 'ErrorsAreTrue', () => `is told ${error.stack}`));
        opened.on('error', program.recipeEnded);
        await opened.start({ signal: program.patience() });
        look(opened.current);
        config = opened;
      };
      return {
        round: async () => {
          if (config === undefined) await start();
          const value = Math.floor(program.random() * 1e6);
          await config!.set({ left: value, right: value }, { signal: program.patience() });
          look(config!.current);
          return true;
        },
        atRest: () => {
          if (config === undefined) return;
          const shown = String(config.current.left);
          const stored = model.at(`${path}/config/left`, model.lastZxid)?.data ?? '0';
          program.check(shown === stored, 'Convergence', () => `shows ${shown}, but the value is ${stored}`);
        },
        close: async () => config?.close(),
      };
    },
  }),
};
