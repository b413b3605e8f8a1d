import type { ZooKeeper } from '@nodekeeper/client';
import type { World } from '../world/world.js';
import { locks } from './locks.js';
import type { Program, RecipeUser } from './program.js';
import type { RecipeSetting } from './setting.js';

/** What the programs of a run share. */
interface Stage {
  readonly world: World;
  readonly setting: RecipeSetting;
  /** The path of the recipe. */
  readonly path: string;
}

/** A recipe as the programs of a run use it, with the checks of its promise. */
export interface RecipeRow {
  readonly name: string;
  /** The maximum number of programs that the deletion of a node may wake. Undefined if it may wake all. */
  readonly wakesMax?: number;
  /** Called once in a run. Returns the function with which each program joins. */
  open(stage: Stage): (program: Program, zk: ZooKeeper) => RecipeUser;
}

/** Every recipe that is simulated. */
export const recipeTable: readonly RecipeRow[] = [...locks];
