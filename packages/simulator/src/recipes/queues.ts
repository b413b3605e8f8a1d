import type { ZooKeeper } from '@nodekeeper/client';
import { LockingQueue, type Naming, PriorityQueue, Queue, type WaitOptions } from '@nodekeeper/recipes';
import { ExclusiveHolds } from './exclusive-holds.js';
import { work } from './locks.js';
import { QueueLedger } from './queue-ledger.js';
import type { RecipeRow } from './table.js';

const takeMsMax = 1500;
/** The queues of kazoo need directories that stay. */
const isDirectory = (name: string) => ['queue', 'queue/entries', 'queue/taken'].includes(name);

type AnyQueue = Pick<Queue, 'take' | 'poll'>;

interface QueueKind<Kind extends AnyQueue> {
  readonly name: string;
  open(zk: ZooKeeper, path: string, naming: Naming): Kind;
  put(queue: Kind, item: string, options: WaitOptions, random: () => number): Promise<void>;
}

/** A queue whose items are gone when they are taken: each item is taken once. */
function queueRow<Kind extends AnyQueue>({ name, open, put }: QueueKind<Kind>): RecipeRow {
  return {
    name,
    keeps: isDirectory,
    // a call whose session expires is not repeated in the next one
    rejects: ['IN_DOUBT', 'SESSIONEXPIRED'],
    open: ({ world, setting, path }) => {
      const ledger = new QueueLedger(world);
      const opened = (zk: ZooKeeper) => open(zk, `${path}/queue`, setting.naming);
      return {
        join: (program, zk) => {
          const queue = opened(zk);
          return {
            round: async () => {
              const options = { signal: program.patience() };
              if (program.random() < 0.5) {
                await ledger.put(program, (item) => put(queue, item, options, program.random));
                return true;
              }
              const take = () => queue.take({ ...options, timeoutMs: takeMsMax });
              await ledger.take(program, async () => String(await take()));
              return true;
            },
            close: async () => {},
          };
        },
        finish: async (zk) => {
          const queue = opened(zk);
          const left: string[] = [];
          for (let item = await queue.poll(); item !== undefined; item = await queue.poll()) left.push(String(item));
          ledger.atTheEnd(left);
        },
      };
    },
  };
}

const lockingQueue: RecipeRow = {
  name: 'LockingQueue',
  keeps: isDirectory,
  rejects: ['IN_DOUBT', 'SESSIONEXPIRED', 'LOST'],
  open: ({ world, path }) => {
    const ledger = new QueueLedger(world);
    /** Each item excludes other holders. */
    const holds = new Map<string, ExclusiveHolds>();
    const holdsOf = (item: string) => {
      const known = holds.get(item) ?? new ExclusiveHolds();
      holds.set(item, known);
      return known;
    };
    return {
      join: (program, zk) => {
        const queue = new LockingQueue(zk, `${path}/queue`, { policy: program.setting.policy });
        return {
          round: async () => {
            const signal = program.patience();
            if (program.random() < 0.5) {
              await ledger.put(program, (item) => queue.put(item, { signal }));
              return true;
            }
            await using held = await queue.take({ signal, timeoutMs: takeMsMax });
            const item = String(held.data);
            ledger.demandPresent(program, item);
            await work(program, held, holdsOf(item));
            // the reservation is then given back
            if (program.random() < 0.2) return false;
            await ledger.consume(program, item, () => held.consume());
            return true;
          },
          close: async () => {},
        };
      },
      finish: async (zk) => {
        const queue = new LockingQueue(zk, `${path}/queue`);
        const left: string[] = [];
        for (let held = await queue.poll(); held !== undefined; held = await queue.poll()) {
          left.push(String(held.data));
          await held.consume();
        }
        ledger.atTheEnd(left);
      },
    };
  },
};

export const queues: readonly RecipeRow[] = [
  queueRow({
    name: 'Queue',
    open: (zk, path, naming) => new Queue(zk, path, { naming }),
    put: (queue, item, options) => queue.put(item, options),
  }),
  queueRow({
    name: 'PriorityQueue',
    open: (zk, path, naming) => new PriorityQueue(zk, path, { naming }),
    put: (queue, item, options, random) => queue.put(item, { ...options, priority: Math.floor(random() * 5) }),
  }),
  lockingQueue,
];
