/** The rows of `npm run bench -- --recipes`. Adding a measurement is adding a row. */
import type { Options } from '../options.js';
import { librariesRow } from './libraries.js';
import { handOverRow, herdRow, lockRow } from './locks.js';
import { treeCacheRow } from './tree-cache.js';

/** One line of the table of results. */
export interface RecipeLine {
  measure: string;
  value: string;
  goal: string;
}

export interface RecipeRow {
  name: string;
  /** Starts the servers that it needs. Resolves with the lines for the table, and with the data for the JSON. */
  measure(options: Options): Promise<{ lines: RecipeLine[]; data: unknown }>;
}

export const recipeRows: readonly RecipeRow[] = [lockRow, handOverRow, herdRow, treeCacheRow, librariesRow];
