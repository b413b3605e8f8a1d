/** Makes all measurements of `--ensemble`. `--only` selects some of them, for example `--only failover`. */
import type { Options } from '../options.js';
import type { Section } from '../report.js';
import { measureFailover } from './failover.js';
import { compareEnsembles, ensembleRows } from './rows.js';
import { measureSize } from './size.js';

export async function measureEnsemble(options: Options): Promise<Section[]> {
  const isWanted = (name: string) => options.only.length === 0 || options.only.some((text) => name.includes(text));
  const rows = ensembleRows.filter(({ name }) => isWanted(name));
  const sections: Section[] = [];
  if (rows.length > 0) sections.push(await compareEnsembles(rows, options));
  if (isWanted('failover')) sections.push(await measureFailover(options));
  if (isWanted('size')) sections.push(await measureSize(options));
  return sections;
}
