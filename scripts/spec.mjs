// The numbers and labels of docs/spec: finds their definitions, and checks that every number or label that a source or
// a document cites is defined.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './ensure.mjs';

const specFolder = join(root, 'docs/spec');
/** This document has a row for each label of nodekeeper's own faults, Z-n and CL-n. */
const mutants = join(root, 'docs/internals/mutants.md');

/** Matches a heading such as `# 1 Client protocol` or `## 1.9 Sessions`. */
const headingDefinition = /^#+ (?:Chapter )?(\d+(?:\.\d+)*)(?=[ :])/gm;
/** Matches a fact such as `- **1.9.5 Expiry in buckets.**` or `| 0.1 | Admin server |`. */
const factDefinition = /^(?:- \*\*|\| )(\d+(?:\.\d+)+[a-z]?)(?=[ .*])/gm;
/** Matches a table row that begins with a label, such as `| R-1 | ZK-2845 |`. */
const labelDefinition = /^\| ((?:[RSLCZ]|CL)-\d+[a-z]?)\b/gm;

const number = String.raw`\d+(?:\.\d+)*[a-z]?\b`;
const dotted = String.raw`\d+(?:\.\d+)+[a-z]?\b`;
/**
 * Matches citations such as `spec 1.9.5`, `spec 1.4, 1.8`, `spec 1.3-1.8` or `spec 4.1.2-6`, also across two lines of a
 * comment.
 */
const numberCitation = new RegExp(
  String.raw`\bspec[\s*/]+(${number}(?:(?:-| to )${number}|(?:, | and |, and )${dotted})*)`,
  'g',
);
const labelCitation = /\b(?:[RSLCZ]|CL)-\d+[a-z]?\b/g;

/**
 * Reports citations of numbers and labels that neither a chapter of docs/spec nor the table of mutants defines.
 * @param {ReadonlyMap<string, string>} texts sources and documents by path
 */
export function specFaults(texts) {
  const { numbers, labels } = readDefinitions();
  const faults = [];
  for (const [path, text] of texts) {
    const undefinedCodes = new Set();
    for (const [, list] of text.matchAll(numberCitation)) {
      for (const cited of citedNumbers(list)) if (!numbers.has(cited)) undefinedCodes.add(`spec ${cited}`);
    }
    for (const [label] of text.matchAll(labelCitation)) {
      if (!labels.has(label) && !labels.has(label.replace(/[a-z]$/, ''))) undefinedCodes.add(label);
    }
    for (const code of undefinedCodes) faults.push(`${path}: cites ${code}, which docs/spec does not define`);
  }
  return faults;
}

function readDefinitions() {
  const chapters = readdirSync(specFolder).map((name) => readFileSync(join(specFolder, name), 'utf8'));
  const all = (texts, pattern) => texts.flatMap((text) => [...text.matchAll(pattern)].map(([, defined]) => defined));
  return {
    numbers: new Set([...all(chapters, headingDefinition), ...all(chapters, factDefinition)]),
    labels: new Set(all([...chapters, readFileSync(mutants, 'utf8')], labelDefinition)),
  };
}

/**
 * Yields the numbers in a citation. A range yields only its first and its last number. The last number may be written
 * as its last part only (`4.1.2-6`).
 */
function* citedNumbers(list) {
  for (const range of list.split(/, and |, | and /)) {
    const [first, last] = range.split(/-| to /);
    yield first;
    if (last !== undefined) yield last.includes('.') ? last : first.replace(/[^.]+$/, last);
  }
}
