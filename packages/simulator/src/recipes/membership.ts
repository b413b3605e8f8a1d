import type { ZooKeeper } from '@nodekeeper/client';
import { type Assignment, Group, type Held, PersistentNode, SetPartitioner } from '@nodekeeper/recipes';
import { ExclusiveHolds } from './exclusive-holds.js';
import type { Program } from './program.js';
import type { RecipeRow } from './table.js';

/** The longest pause after a round of a recipe that makes its program wait for no other program. */
const pauseMs = 2000;
const items = ['a', 'b', 'c', 'd', 'e'];

/** Returns the assignment of one item, for the checks of exclusive holds. */
function holdOf({ tokens, signal }: Assignment, item: string): Held {
  const release = async () => {};
  return { path: item, token: tokens.get(item)!, signal, release, [Symbol.asyncDispose]: release };
}

/** Works on all items of an assignment until the end of the work, or until the items must be given back. */
async function workOn(program: Program, assignment: Assignment, holds: ReadonlyMap<string, ExclusiveHolds>) {
  const owned = assignment.items.map((item) => ({ held: holdOf(assignment, item), holds: holds.get(item)! }));
  const ends = owned.map((each) => each.holds.granted(program, each.held));
  for (let left = 1 + Math.floor(program.random() * 4); left > 0 && !assignment.signal.aborted; left--) {
    for (const each of owned) each.holds.write(each.held, program);
    await program.sleep((program.random() * program.setting.workMs) / 2);
  }
  for (const end of ends) end();
}

/** Checks that a node of this client has this number or a later one, if it still exists. */
async function checkWritten(program: Program, zk: ZooKeeper, path: string, written: number): Promise<void> {
  const stat = await zk.exists(path).catch(() => null);
  if (stat?.ephemeralOwner !== zk.session.id) return;
  const data = await zk.get(path).then(
    (node) => Number(node.data),
    () => written,
  );
  program.check(data >= written, 'NoLostWrite', () => `wrote ${written} to ${path}, but reads ${data}`);
}

export const membership: readonly RecipeRow[] = [
  {
    name: 'PersistentNode',
    open: ({ path }) => ({
      join: (program, zk) => {
        const ownPath = `${path}/${program.name}`;
        let node: PersistentNode | undefined;
        let number = 0;
        return {
          round: async () => {
            if (node === undefined) {
              const opened = new PersistentNode(zk, ownPath, { data: '0' });
              opened.on('error', program.recipeEnded);
              await opened.start({ signal: program.patience() });
              node = opened;
            }
            const written = ++number;
            await node.setData(String(written), { signal: program.patience() });
            await checkWritten(program, zk, ownPath, written);
            await program.sleep(program.random() * pauseMs);
            return true;
          },
          close: async () => node?.close(),
        };
      },
    }),
  },
  {
    name: 'Group',
    open: ({ path }) => ({
      join: (program, zk) => {
        const group = new Group(zk, path, { id: program.name });
        group.on('error', program.recipeEnded);
        let isStarted = false;
        let number = 0;
        return {
          round: async () => {
            if (!isStarted) await group.start({ signal: program.patience() });
            isStarted = true;
            const value = String(++number);
            await group.join(value, { signal: program.patience() });
            for await (const members of group) {
              if (members.find(({ id }) => id === program.name)?.value === value) break;
            }
            if (program.random() < 0.3) await group.leave();
            await program.sleep(program.random() * pauseMs);
            return true;
          },
          close: () => group.close(),
        };
      },
    }),
  },
  {
    name: 'SetPartitioner',
    open: ({ path }) => {
      const holds = new Map(items.map((item) => [item, new ExclusiveHolds()]));
      return {
        join: (program, zk) => {
          let partitioner: SetPartitioner | undefined;
          return {
            round: async () => {
              if (partitioner === undefined) {
                const { policy, name: id } = program.setting;
                const opened = new SetPartitioner(zk, path, items, { id, policy, settleMs: 200 });
                opened.on('error', program.recipeEnded);
                await opened.start({ signal: program.patience() });
                partitioner = opened;
              }
              const assignment = await partitioner.waitForAssignment({ signal: program.patience(true) });
              await workOn(program, assignment, holds);
              await assignment.release();
              return true;
            },
            close: async () => partitioner?.close(),
          };
        },
      };
    },
  },
];
