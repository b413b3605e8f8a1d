/** Measures recipes: each row in turn, or those that `--only` names. */
import type { Options } from '../options.js';
import { type Section, table } from '../report.js';
import { recipeRows } from './rows.js';

export async function measureRecipes(options: Options): Promise<Section> {
  const { only } = options;
  const wanted = recipeRows.filter(({ name }) => only.length === 0 || only.some((text) => name.includes(text)));
  const cells: string[][] = [];
  const data: Record<string, unknown> = {};
  for (const row of wanted) {
    console.error(`${row.name} ...`);
    const result = await row.measure(options);
    for (const { measure, value, goal } of result.lines) cells.push([row.name, measure, value, goal]);
    data[row.name] = result.data;
  }
  return { name: 'recipes', markdown: table(['row', 'measure', 'value', 'goal'], cells), data };
}
