// Reads the parts of docs/spec/ that the pages need: the sections to which they link, and the numbers that need a row.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../ensure.mjs';
import { slugOf } from './markdown.mjs';

/**
 * The heading of a section, and a link to that section of docs/spec/. For a section without a number, the link leads to
 * the chapter.
 */
export function sectionHeading({ file }, { number, title }) {
  if (number === undefined) return { heading: title, link: `../spec/${file}` };
  const heading = `${number} ${readSpec(file)?.sections.get(number) ?? ''}`.trim();
  return { heading, link: `../spec/${file}#${slugOf(heading)}` };
}

/**
 * Returns the numbered sections and facts of a chapter of docs/spec/. Returns undefined if the chapter does not exist.
 */
export function readSpec(file) {
  const path = join(root, 'docs/spec', file);
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  const sections = new Map([...text.matchAll(/^##+ (\d+\.\d+) (.*)$/gm)].map(([, number, title]) => [number, title]));
  const facts = [...text.matchAll(/^(?:- |\| ?)(?:\*\*)?(\d+\.\d+(?:\.\d+[a-z]?| \(\d+\))?)(?=[ .*|])/gm)];
  return { sections, numbers: new Set(facts.map(([, number]) => number)) };
}
