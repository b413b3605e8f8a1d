// Checks that the tests, suites, files and docs/spec/ numbers that docs/compatibility/ cites exist. Also checks that
// every number of docs/spec/ has a row.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder, numbersOf, rowsOf, states } from './data.mjs';
import { evidenceFaults } from './evidence.mjs';
import { slugOf } from './markdown.mjs';
import { readSpec } from './spec.mjs';

/** Returns the faults in the data, each as a line of text. */
export function dataFaults(data) {
  const faults = [];
  const rows = rowsOf(data);
  for (const row of rows) {
    const where = `docs/compatibility/data/${row.dataFile}: ${row.id}`;
    const found = [...rowFaults(row, data), ...evidenceFaults(row), ...linkFaults(row.note)];
    faults.push(...found.map((fault) => `${where}: ${fault}`));
  }
  for (const difference of data.differences.values()) {
    const where = `docs/compatibility/data/differences.json: ${difference.title}`;
    const found = [...differenceFaults(difference), ...evidenceFaults(difference)];
    faults.push(...found.map((fault) => `${where}: ${fault}`));
  }
  faults.push(...repeated(rows), ...repeatedTitles(data));
  for (const chapter of data.chapters) faults.push(...specFaults(chapter));
  return faults;
}

function rowFaults({ id, state, note, feature, differences = [] }, data) {
  const faults = [];
  if (numbersOf(id).length === 0) faults.push('an id begins with the number of a fact');
  if (states[state] === undefined) faults.push(`there is no state ${state}`);
  if ((state === 'differs' || state === 'left out') && note === undefined) faults.push(`${state} needs a note`);
  if ((state === 'later') !== (feature !== undefined)) faults.push('a row of state later, and no other, has a feature');
  if (differences.length > 0 && state !== 'differs') faults.push('a row with a deliberate difference differs');
  for (const anchor of differences) {
    if (!data.differences.has(anchor)) faults.push(`there is no deliberate difference ${anchor}`);
  }
  return faults;
}

function differenceFaults({ apache, nodekeeper, why }) {
  const faults = [apache, nodekeeper, why].flatMap(linkFaults);
  if ([apache, nodekeeper, why].includes(undefined)) faults.push('a difference has apache, nodekeeper and why');
  return faults;
}

/**
 * Checks the links of a text. The targets are relative to docs/compatibility/. An anchor must belong to a heading of
 * the target.
 */
function linkFaults(text = '') {
  return [...text.matchAll(/\]\(([^)#]+)(?:#([^)]*))?\)/g)].flatMap(([, target, anchor]) => {
    const path = join(folder, target);
    if (!existsSync(path)) return [`there is no ${target}`];
    if (anchor === undefined) return [];
    const headings = [...readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading]) => slugOf(heading));
    return headings.includes(anchor) ? [] : [`${target} has no heading #${anchor}`];
  });
}

/**
 * Reports ids and numbers with two rows. Several rows may have the same number only if words after the number
 * distinguish them, such as `1.5 create`.
 */
function repeated(rows) {
  const seen = new Set();
  const faults = [];
  for (const { id, dataFile } of rows) {
    const numbers = numbersOf(id);
    const keys = /[a-z]$/i.test(id) && id.includes(' ') ? [id] : numbers;
    for (const key of keys) {
      if (seen.has(key)) faults.push(`docs/compatibility/data/${dataFile}: ${key} has two rows`);
      seen.add(key);
    }
  }
  return faults;
}

function repeatedTitles({ groups, differences }) {
  const titles = groups.flatMap((group) => group.differences);
  return titles.length === differences.size
    ? []
    : ['docs/compatibility/data/differences.json: two titles are the same'];
}

/**
 * Checks that every number and section of a chapter of docs/spec/ has a row, and that every number of a row exists in
 * that chapter.
 */
function specFaults({ file, dataFile, sections }) {
  const spec = readSpec(file);
  if (spec === undefined) return [];
  const where = `docs/compatibility/data/${dataFile}`;
  const ids = sections.flatMap(({ rows }) => rows.map(({ id }) => id));
  const covered = new Set(ids.flatMap(numbersOf));
  const unknown = [...covered].filter((number) => !spec.numbers.has(number) && !spec.sections.has(number));
  const isCovered = (section) => sections.some(({ number }) => number === section);
  return [
    ...[...spec.numbers]
      .filter((number) => !covered.has(number))
      .map((number) => `${where}: ${number} of docs/spec/${file} has no row`),
    ...[...spec.sections.keys()]
      .filter((number) => !isCovered(number))
      .map((number) => `${where}: section ${number} of docs/spec/${file} has no rows`),
    ...unknown.map((number) => `${where}: docs/spec/${file} has no ${number}`),
  ];
}
