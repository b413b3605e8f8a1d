import { AtomicLong, SharedCount } from '@nodekeeper/recipes';
import type { RecipeRow } from './table.js';
import { Tally } from './tally.js';

const isCount = (name: string) => name === 'count';

export const counters: readonly RecipeRow[] = [
  {
    name: 'AtomicLong',
    keeps: isCount,
    // a call whose session expires is not repeated in the next one
    rejects: ['IN_DOUBT', 'SESSIONEXPIRED'],
    open: ({ world, setting, path }) => {
      const tally = new Tally();
      const open = (zk: ConstructorParameters<typeof AtomicLong>[0]) =>
        new AtomicLong(zk, `${path}/count`, { naming: setting.naming, optimisticAttempts: 2 });
      return {
        join: (program, zk) => {
          const counter = open(zk);
          return {
            round: () =>
              tally.add(program, async () => {
                const { preValue, postValue } = await counter.increment({ signal: program.patience() });
                program.check(postValue === preValue + 1n, 'ExactlyOnce', () => `adds 1 to ${preValue}: ${postValue}`);
                return postValue;
              }),
            close: async () => {},
          };
        },
        finish: async (zk) => {
          const value = await open(zk).get();
          world.demand(tally.fits(value), 'ExactlyOnce', () => `the counter is ${value}, but ${tally}`);
        },
      };
    },
  },
  {
    name: 'SharedCount',
    keeps: isCount,
    // a call whose session expires is not repeated in the next one
    rejects: ['IN_DOUBT', 'SESSIONEXPIRED'],
    open: ({ world, path }) => {
      const tally = new Tally();
      return {
        join: (program, zk) => {
          let count: SharedCount | undefined;
          let seenZxid = -1;
          const start = async () => {
            const opened = new SharedCount(zk, `${path}/count`);
            opened.on('error', program.recipeEnded);
            opened.on('change', ({ value, zxid }) => {
              program.note(`sees ${value}`);
              const text = () => `sees ${value} of 0x${zxid.toString(16)}, but it has seen a newer value`;
              program.check(zxid > seenZxid, 'NeverBack', text);
              seenZxid = zxid;
            });
            await opened.start({ signal: program.patience() });
            count = opened;
          };
          return {
            round: async () => {
              if (count === undefined) await start();
              const { current } = count!;
              const signal = program.patience();
              return tally.add(program, async () => {
                const isSet = await count!.trySet(current, current.value + 1, { signal });
                return isSet ? BigInt(current.value + 1) : undefined;
              });
            },
            close: async () => count?.close(),
          };
        },
        finish: async (zk) => {
          const count = new SharedCount(zk, `${path}/count`);
          await count.start();
          const { value } = count.current;
          await count.close();
          world.demand(tally.fits(BigInt(value)), 'ExactlyOnce', () => `the count is ${value}, but ${tally}`);
        },
      };
    },
  },
];
