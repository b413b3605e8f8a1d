// The data of docs/compatibility/: one file for each chapter, and one for the deliberate differences.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../ensure.mjs';
import { slugOf } from './markdown.mjs';

/**
 * @typedef {object} Row
 * @property {string} id the number of a fact of docs/spec/, or several numbers (`4.8.5, 4.8.9`, `1.9.20-1.9.24`). A
 *   word after a number names a part of the fact: `1.5 create`
 * @property {string} what
 * @property {string} state
 * @property {string} [note]
 * @property {string} [feature] the missing feature of a row with the state `later`
 * @property {string[]} [differences] the anchors of deliberate differences
 * @property {string[]} [tests] texts `file: name of the test`; a file without a name means all of its tests
 * @property {string[]} [suites] suites of the interop tests
 * @property {string[]} [sources] the code files of a row without a test
 */

/**
 * @typedef {{ title: string, apache: string, nodekeeper: string, why: string, tests?: string[], suites?: string[] }} Difference
 */

/**
 * A section without a `title` has the title of its number in docs/spec/.
 * @typedef {{ number?: string, title?: string, rows: Row[] }} Section
 */

/**
 * @typedef {{ number: number, title: string, intro?: string, sections: Section[], file: string, dataFile: string }} Chapter
 */

export const folder = join(root, 'docs/compatibility');

/** The meaning of each state, in the order in which tables list the states. */
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

/** All rows of all chapters. Each row has the name of its data file. */
export function rowsOf({ chapters }) {
  return chapters.flatMap(({ sections, dataFile }) =>
    sections.flatMap(({ rows }) => rows.map((row) => ({ ...row, dataFile }))),
  );
}

const number = String.raw`\d+\.\d+(?:\.\d+[a-z]?)?`;
const idNumbers = new RegExp(String.raw`^${number}(?: \(\d+(?:-\d+)?\)|(?:(?:-|, )${number})*)(?= |$)`);

/**
 * The numbers in an id: `1.5 create` contains `1.5`, and `4.8.5, 4.8.9` contains two. `4.4 (5-7)` and `1.9.20-1.9.24`
 * also contain the numbers between the first and the last. The result is empty if the id does not begin with a number.
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
