import type { ZooKeeper } from '@nodekeeper/client';
import type { RecipeErrorCode } from '@nodekeeper/recipes';
import type { Model } from '../checks/model.js';
import type { World } from '../world/world.js';
import { barriers } from './barriers.js';
import { configuration } from './configuration.js';
import { counters } from './counters.js';
import { discovery } from './discovery.js';
import { elections } from './elections.js';
import { ids } from './ids.js';
import { locks } from './locks.js';
import { masterWorker } from './master-worker.js';
import { membership } from './membership.js';
import type { Program, RecipeUser } from './program.js';
import { queues } from './queues.js';
import type { RecipeSetting } from './setting.js';
import { watchers } from './watchers.js';

/** What the programs of a run share. */
interface Stage {
  readonly world: World;
  readonly setting: RecipeSetting;
  /** The path of the recipe. */
  readonly path: string;
  /** The tree as the committed transactions give it. */
  readonly model: Model;
}

/** A recipe as the programs of a run use it, with the checks of its promise. */
export interface RecipeRow {
  readonly name: string;
  /** The maximum number of programs that the deletion of a node may wake. Undefined if it may wake all. */
  readonly wakesMax?: number;
  /** The errors with which the calls of the recipe may end in addition to the usual ones. */
  readonly rejects?: readonly RecipeErrorCode[];
  /** True for the name of a node, below the path of the recipe, that may remain after all programs have stopped. */
  readonly keeps?: (name: string) => boolean;
  /** Called once in a run. */
  open(stage: Stage): Scene;
}

/** The state of a run that all its programs share. */
export interface Scene {
  /** Called for each client of a program. */
  join(program: Program, zk: ZooKeeper): RecipeUser;
  /** Called with a client when all programs have stopped, for the last checks. Throws a violation. */
  finish?(zk: ZooKeeper): Promise<void>;
}

/** Every recipe that is simulated. */
export const recipeTable: readonly RecipeRow[] = [
  ...locks,
  ...elections,
  ...membership,
  masterWorker,
  ...counters,
  ...queues,
  ...watchers,
  configuration,
  discovery,
  ...ids,
  ...barriers,
];
