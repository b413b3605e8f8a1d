/** `npm run bench`: see bench/README.md. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureAttacks } from './attacks/measure.js';
import { measureClients } from './clients/measure.js';
import { compareRow, type RowResult } from './compare.js';
import { measureEnsemble } from './ensemble/measure.js';
import { describeMachine, type Machine } from './machine.js';
import { measureMillion } from './million.js';
import { type Options, parseOptions, usage } from './options.js';
import { measureRecipes } from './recipes/measure.js';
import { comparison, machineLine, type Section } from './report.js';
import { selectRows } from './rows.js';
import { measureIdleMemory, measureStartup } from './startup.js';

const resultsDirectory = fileURLToPath(new URL('../../results/', import.meta.url));

async function main(args: string[]): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) return console.log(usage);
  const options = parseOptions(args);
  const machine = describeMachine();
  const sections: Section[] = [];
  for (const measure of options.measures) {
    if (measure === 'rows') sections.push(await compareRows(selectRows(options.only), options));
    if (measure === 'startup') sections.push(await measureStartup(options));
    if (measure === 'memory') sections.push(await measureIdleMemory(options));
    if (measure === 'million') sections.push(await measureMillion(options));
    if (measure === 'clients') sections.push(await measureClients(options));
    if (measure === 'recipes') sections.push(await measureRecipes(options));
    if (measure === 'attacks') sections.push(await measureAttacks(options));
    if (measure === 'ensemble') sections.push(...(await measureEnsemble(options)));
  }
  for (const section of sections) console.log(`\n${section.markdown}`);
  write(sections, args, options, machine);
}

async function compareRows(rows: ReturnType<typeof selectRows>, options: Options): Promise<Section> {
  const results: RowResult[] = [];
  for (const row of rows) {
    console.error(`${row.name} ...`);
    results.push(await compareRow(row, options));
  }
  return { name: 'rows', markdown: comparison(results), data: results };
}

function write(sections: readonly Section[], args: readonly string[], options: Options, machine: Machine): void {
  const date = new Date().toISOString().slice(0, 10);
  const command = ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  const results = Object.fromEntries(sections.map((section) => [section.name, section.data]));
  const json = `${JSON.stringify({ date, command, machine, options, results }, null, 1)}\n`;
  if (options.json) writeFileSync(options.json, json);
  if (!options.record) return;
  const text = [
    `# ${options.record}, ${date}`,
    `\`${command}\``,
    machineLine(machine),
    ...sections.map((section) => section.markdown),
  ];
  mkdirSync(resultsDirectory, { recursive: true });
  const path = join(resultsDirectory, `${date}-${options.record}`);
  writeFileSync(`${path}.json`, json);
  writeFileSync(`${path}.md`, `${text.join('\n\n')}\n`);
  console.error(`Written to ${path}.md and .json`);
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
