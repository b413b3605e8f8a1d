// The evidence for a row: tests by file and name, suites of the interop tests, and source files.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../ensure.mjs';
import { item, plain } from './markdown.mjs';

/**
 * Splits `server/ops/reads: a name` into the file and the name of the test. The name is undefined if the text cites all
 * tests of the file.
 */
function parseTest(test) {
  const colon = test.indexOf(': ');
  return colon < 0 ? { file: test } : { file: test.slice(0, colon), name: test.slice(colon + 2) };
}

/**
 * The path of a cited test file: `server/ops/reads` is packages/server/test/ops/reads.test.ts. `interop/a/b` is
 * interop/src/a/b.ts, because the interop tests are part of the sources.
 */
function pathOfTest(file) {
  const [area, ...rest] = file.split('/');
  return area === 'interop' ? `interop/src/${rest.join('/')}.ts` : `packages/${area}/test/${rest.join('/')}.test.ts`;
}

/**
 * True if a row or difference needs evidence and has none. A deliberate difference that the row cites counts as
 * evidence, because the difference has tests.
 */
export function needsTest({ state = 'differs', tests, suites, differences }) {
  return (state === 'works' || state === 'differs') && (tests ?? suites ?? differences) === undefined;
}

/** Returns the evidence as the items of a Markdown list, which the page shows below a row or a difference. */
export function evidenceItems(holder) {
  const { tests = [], suites = [], sources = [] } = holder;
  const items = tests.map((test) => {
    const { file, name } = parseTest(test);
    return item(name === undefined ? `[${file}]` : `[${file}] "${plain(name)}"`, 1);
  });
  if (suites.length > 0)
    items.push(item(`${suites.length > 1 ? 'Suites' : 'Suite'} ${suites.map(suiteText).join(', ')}`, 1));
  if (needsTest(holder)) items.push(item('No test', 1));
  const links = sources.map((path) => `[${path.split('/').at(-1)}](../../${path})`).join(', ');
  if (links !== '') items.push(item(`Code: ${links}`, 1));
  return items;
}

function suiteText(suite) {
  const [name, scenario] = suite.split(' ');
  return scenario === undefined ? `\`${name}\`` : `\`${name}\` (\`${scenario}\`)`;
}

/** The link definitions for all cited test files. A page ends with them. */
export function linkDefinitions(holders) {
  const files = new Set(holders.flatMap(({ tests = [] }) => tests.map((test) => parseTest(test).file)));
  return [...files].sort().map((file) => `[${file}]: ../../${pathOfTest(file)}`);
}

/** Returns the faults in the evidence of a row or a difference, each as a line of text. */
export function evidenceFaults({ tests = [], suites = [], sources = [] }) {
  return [
    ...tests.flatMap(testFaults),
    ...suites.flatMap(suiteFaults),
    ...sources.filter((path) => !existsSync(join(root, path))).map((path) => `there is no ${path}`),
  ];
}

function testFaults(test) {
  const { file, name } = parseTest(test);
  const path = pathOfTest(file);
  if (!existsSync(join(root, path))) return [`there is no test file ${path}`];
  if (name === undefined) return [];
  if (name.replace(/[^\p{L}]/gu, '').length < fixedLettersMin) return [`"${name}" is too short to identify a test`];
  return namesIn(path).has(name) ? [] : [`${path} has no test "${name}"`];
}

/**
 * Minimum number of letters in the cited name of a test, without its placeholders (`…`). A name with fewer letters could
 * match almost any test.
 */
const fixedLettersMin = 12;

const namesByPath = new Map();

/**
 * The test names in a file, read from its text. A name is the first argument of `test` or `it`; in the interop tests,
 * it is the value of `name`. In a name from a template, `…` stands for each `${…}`. A citation of such a name must have
 * `…` in the same places. Names that are not literals and names of skipped tests cannot be cited.
 */
function namesIn(path) {
  if (!namesByPath.has(path)) {
    const code = readFileSync(join(root, path), 'utf8').replace(/^\s*\/\/.*$/gm, '');
    const start = path.startsWith('interop/')
      ? /\bname:\s*(?=['"`])/g
      : /\b(?:test|it)(?:\.(?!skip|todo)\w+)?\(\s*(?=['"`])/g;
    const names = [...code.matchAll(start)].map((match) => literalAt(code, match.index + match[0].length));
    namesByPath.set(path, new Set(names));
  }
  return namesByPath.get(path);
}

/** The text of the string or template literal that begins at an index. `…` stands for each substitution. */
function literalAt(code, start) {
  const quote = code[start];
  let text = '';
  for (let at = start + 1; code[at] !== quote; at++) {
    if (code[at] === '\\') text += code[++at];
    else if (quote === '`' && code.startsWith('${', at)) {
      at = endOfSubstitution(code, at + 2);
      text += '…';
    } else text += code[at];
  }
  return text;
}

function endOfSubstitution(code, start) {
  let depth = 1;
  let at = start;
  for (; depth > 0; at++) {
    if (code[at] === '{') depth++;
    else if (code[at] === '}') depth--;
  }
  return at - 1;
}

function suiteFaults(suite) {
  const [name, scenario] = suite.split(' ');
  const path = `interop/src/suites/${name}.ts`;
  if (!existsSync(join(root, path))) {
    return [`there is no suite ${name}; suites are ${readdirSync(join(root, 'interop/src/suites')).join(', ')}`];
  }
  const code = readFileSync(join(root, path), 'utf8');
  if (!code.includes(`name: '${name}'`)) return [`${path} has no suite named ${name}`];
  const isThere = scenario === undefined || new RegExp(`^  ${scenario},$`, 'm').test(code);
  return isThere ? [] : [`the suite ${name} has no scenario ${scenario}`];
}
