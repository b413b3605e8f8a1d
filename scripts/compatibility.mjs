// Writes the pages of docs/compatibility/ from docs/compatibility/data/. With --check it only reports which pages are
// stale. In both cases it reports faults of the data, such as a cited test that does not exist.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFaults } from './compatibility/checks.mjs';
import { folder, readData } from './compatibility/data.mjs';
import { readme } from './compatibility/overview.mjs';
import { chapterPage } from './compatibility/page.mjs';
import { shortPath } from './modules.mjs';

const data = readData();
const pages = new Map([
  ['README.md', readme(data)],
  ...data.chapters.map((each) => [each.file, chapterPage(each, data)]),
]);
const faults = dataFaults(data);
for (const [file, text] of pages) {
  const path = join(folder, file);
  faults.push(...longLines(path, text));
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    faults.push(`${shortPath(path)} is stale; run npm run generate`);
  }
}
for (const file of readdirSync(folder)) {
  if (file.endsWith('.md') && !pages.has(file))
    faults.push(`${shortPath(join(folder, file))}: no data makes this page`);
}

for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);

/**
 * Reports lines over 200 characters. The pages are wrapped at 120, so a longer line contains a link or a name that
 * cannot be split.
 */
function longLines(path, text) {
  const lines = text.split('\n');
  return lines.flatMap((line, index) =>
    line.length > 200 ? [`${shortPath(path)}:${index + 1}: ${line.length} characters; 200 at most`] : [],
  );
}
