import type { Stat, ZooKeeper } from '@nodekeeper/client';
import { type CacheEntry, ChildrenWatch, DataWatch, TreeCache } from '@nodekeeper/recipes';
import { pick } from '@nodekeeper/server/testing';
import type { Model } from '../checks/model.js';
import type { Program } from './program.js';
import type { RecipeRow } from './table.js';

const isOfTree = (name: string) => /^tree(\/|$)/.test(name);

/** Makes a random change in a small tree. It does not matter if the change fails. */
async function changeTree(program: Program, zk: ZooKeeper, root: string): Promise<boolean> {
  const path = `${root}${pick(program.random, ['', '/a', '/b', '/c', '/a/x', '/a/y', '/b/x'])}`;
  const draw = program.random();
  const value = `${program.name}-${Math.floor(program.random() * 1000)}`;
  const isLeaf = /\/[xyc]$/.test(path);
  const change = async () => {
    if (draw < 0.35) await zk.createWithParents(path, value, isLeaf && draw < 0.1 ? { mode: 'EPHEMERAL' } : {});
    else if (draw < 0.7) await zk.set(path, value);
    else if (draw < 0.9) await zk.delete(path);
    else await zk.deleteRecursive(path);
  };
  return change().then(
    () => true,
    () => false,
  );
}

/** Checks that the values of nodes that a program sees are true, and never older than those that it has seen. */
class Sight {
  readonly #seen = new Map<string, number>();

  constructor(
    readonly program: Program,
    readonly model: Model,
  ) {}

  sees(path: string, value: Buffer | null, { mzxid, version }: Stat): void {
    const { program } = this;
    const seen = this.#seen.get(path) ?? 0;
    program.check(
      mzxid >= seen,
      'NeverBack',
      () => `sees ${path} of 0x${mzxid.toString(16)} after 0x${seen.toString(16)}`,
    );
    this.#seen.set(path, mzxid);
    const node = this.model.at(path, mzxid);
    program.check(node?.data === String(value ?? '') && node.version === version, 'TrueValue', () => {
      return `sees ${path} = ${value} in version ${version}, but it was ${node?.data} in version ${node?.version}`;
    });
  }
}

/** Returns a text for the nodes of a tree as they are now. */
function present({ model, lastZxid }: { model: Model; lastZxid: number }, root: string): string {
  const lines = [...model.paths].flatMap((path) => {
    const node = path === root || path.startsWith(`${root}/`) ? model.at(path, lastZxid) : undefined;
    return node === undefined ? [] : `${path}=${node.data} of 0x${node.mzxid.toString(16)}`;
  });
  return lines.sort().join(', ');
}

function text(entries: Iterable<CacheEntry<Buffer>>): string {
  const lines = [...entries].map(({ path, value, stat }) => `${path}=${value ?? ''} of 0x${stat.mzxid.toString(16)}`);
  return lines.sort().join(', ');
}

export const watchers: readonly RecipeRow[] = [
  {
    name: 'TreeCache',
    keeps: isOfTree,
    open: ({ path, model }) => ({
      join: (program, zk) => {
        const root = `${path}/tree`;
        const sight = new Sight(program, model);
        const known = new Map<string, boolean>();
        let cache: TreeCache | undefined;
        const start = async () => {
          const opened = new TreeCache(zk, root);
          opened.on('error', program.recipeEnded);
          for (const type of ['added', 'changed', 'removed'] as const) {
            opened.on(type, (entry) => {
              program.note(`sees ${type} ${entry.path}`);
              program.check((known.get(entry.path) ?? false) === (type !== 'added'), 'CacheEvents', () => {
                return `sees ${type} ${entry.path}, but it ${type === 'added' ? 'had' : 'did not have'} the node`;
              });
              known.set(entry.path, type !== 'removed');
              sight.sees(entry.path, entry.value, entry.stat);
            });
          }
          cache = opened;
          await opened.start();
        };
        return {
          round: async () => {
            if (cache === undefined) await start();
            return changeTree(program, zk, root);
          },
          atRest: () => {
            if (cache === undefined) return;
            const [shown, true_] = [text(cache), present({ model, lastZxid: model.lastZxid }, root)];
            program.check(shown === true_, 'Convergence', () => `shows ${shown}, but the tree is ${true_}`);
          },
          close: async () => cache?.close(),
        };
      },
    }),
  },
  {
    name: 'DataWatch',
    keeps: isOfTree,
    open: ({ path, model }) => ({
      join: (program, zk) => {
        const root = `${path}/tree`;
        const sight = new Sight(program, model);
        let shown: string | undefined;
        let watch: DataWatch | undefined;
        const start = async () => {
          const opened = new DataWatch(zk, root, (state) => {
            if (state !== undefined) sight.sees(root, state.data, state.stat);
            shown = state && `${state.data} of 0x${state.stat.mzxid.toString(16)}`;
            program.note(`sees ${shown}`);
          });
          opened.on('error', program.recipeEnded);
          await opened.start();
          watch = opened;
        };
        return {
          round: async () => {
            if (watch === undefined) await start();
            return changeTree(program, zk, root);
          },
          atRest: () => {
            const node = model.at(root, model.lastZxid);
            const true_ = node && `${node.data} of 0x${node.mzxid.toString(16)}`;
            program.check(watch === undefined || shown === true_, 'Convergence', () => `shows ${shown}, not ${true_}`);
          },
          close: async () => watch?.close(),
        };
      },
    }),
  },
  {
    name: 'ChildrenWatch',
    keeps: isOfTree,
    open: ({ path, model }) => ({
      join: (program, zk) => {
        const root = `${path}/tree`;
        let seenZxid = 0;
        let shown: string | undefined;
        let watch: ChildrenWatch | undefined;
        const start = async () => {
          const opened = new ChildrenWatch(zk, root, (state) => {
            shown = state?.children.join();
            program.note(`sees ${shown}`);
            if (state === undefined) return;
            const { pzxid } = state.stat;
            program.check(pzxid >= seenZxid, 'NeverBack', () => `sees an older list of children: ${shown}`);
            seenZxid = pzxid;
            const names = [...(model.at(root, pzxid)?.children ?? [])].sort().join();
            program.check(names === shown, 'TrueValue', () => `sees the children ${shown}, but they were ${names}`);
          });
          opened.on('error', program.recipeEnded);
          await opened.start();
          watch = opened;
        };
        return {
          round: async () => {
            if (watch === undefined) await start();
            return changeTree(program, zk, root);
          },
          atRest: () => {
            const node = model.at(root, model.lastZxid);
            const names = node && [...node.children].sort().join();
            program.check(watch === undefined || shown === names, 'Convergence', () => `shows ${shown}, not ${names}`);
          },
          close: async () => watch?.close(),
        };
      },
    }),
  },
];
