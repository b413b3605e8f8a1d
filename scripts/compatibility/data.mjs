// The data of docs/compatibility/: a file for each chapter, and the deliberate differences.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../ensure.mjs';
import { slugOf } from './markdown.mjs';

/**
 * `id` is the number of a fact of docs/spec/, or several (`4.8.5, 4.8.9`, `1.9.20-1.9.24`). A word after it names a part
 * of the fact: `1.5 create`. A section has its own title, or the title of its number in docs/spec/. `tests` are
 * `file: name of the test`, or a file whose tests all count. `suites` are suites of the interop tests. `sources` is the
 * code of a row without a test. `differences` are anchors of deliberate differences. `feature` is the missing feature of
 * a row of state `later`.
 * @typedef {{ id: string, what: string, state: string, note?: string, feature?: string, differences?: string[],
 *   tests?: string[], suites?: string[], sources?: string[] }} Row
 * @typedef {{ title: string, apache: string, nodekeeper: string, why: string, tests?: string[], suites?: string[] }} Difference
 * @typedef {{ number?: string, title?: string, rows: Row[] }} Section
 * @typedef {{ number: number, title: string, intro?: string, sections: Section[], file: string, dataFile: string }} Chapter
 */

export const folder = join(root, 'docs/compatibility');

/** Each state with its meaning, in the order that tables use. */
export const states = {
  works: 'The same as Apache ZooKeeper. The tests under the row show it.',
  differs: 'Works, with the difference that the row describes.',
  later: 'Not built yet.',
  'left out': 'Deliberately not built. The row says why.',
};

export function readData() {
  const files = readdirSync(join(folder, 'data')).filter((file) => /^\d/.test(file));
  /** @type {Chapter[]} */
  const chapters = files.map((file) => ({ ...read(file), file: file.replace(/json$/, 'md'), dataFile: file }));
  chapters.sort((a, b) => a.number - b.number);
  /** @type {{ title: string, differences: Difference[] }[]} */
  const groups = read('differences.json');
  const differences = new Map(groups.flatMap((group) => group.differences).map((each) => [slugOf(each.title), each]));
  return { chapters, groups, differences };
}

/** All rows, each with the file that contains it. */
export function rowsOf({ chapters }) {
  return chapters.flatMap(({ sections, dataFile }) =>
    sections.flatMap(({ rows }) => rows.map((row) => ({ ...row, dataFile }))),
  );
}

const number = String.raw`\d+\.\d+(?:\.\d+[a-z]?)?`;
const idNumbers = new RegExp(String.raw`^${number}(?: \(\d+(?:-\d+)?\)|(?:(?:-|, )${number})*)(?= |$)`);

/**
 * `1.5 create` has the number `1.5`, and `4.8.5, 4.8.9` has two. `4.4 (5-7)` and `1.9.20-1.9.24` include the numbers in
 * between. An id that does not begin with a number has none.
 */
export function numbersOf(id) {
  const [list] = idNumbers.exec(id) ?? [''];
  const steps = /^(.*) \((\d+)-(\d+)\)$/.exec(list);
  if (steps !== null) return counted(`${steps[1]} (`, steps[2], steps[3], ')');
  return list === '' ? [] : list.split(', ').flatMap(rangeOf);
}

function rangeOf(part) {
  const [first, last] = part.split('-');
  if (last === undefined) return [first];
  const section = first.slice(0, first.lastIndexOf('.') + 1);
  const numbers = counted(section, first.slice(section.length), last.slice(section.length), '');
  return numbers.includes(last) ? numbers : [...numbers, last];
}

function counted(before, first, last, after) {
  const from = Number.parseInt(first, 10);
  const length = Number.parseInt(last, 10) - from + 1;
  return Array.from({ length }, (_, index) => `${before}${from + index}${after}`);
}

function read(file) {
  return JSON.parse(readFileSync(join(folder, 'data', file), 'utf8'));
}
