// What the pages need of docs/spec/: the sections that they link to, and the numbers that need a row.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../ensure.mjs';
import { slugOf } from './markdown.mjs';

/** The heading of a section, and the link to what docs/spec/ says there. Only the chapter is linked where it has no number. */
export function sectionHeading({ file }, { number, title }) {
  if (number === undefined) return { heading: title, link: `../spec/${file}` };
  const heading = `${number} ${readSpec(file)?.sections.get(number) ?? ''}`.trim();
  return { heading, link: `../spec/${file}#${slugOf(heading)}` };
}

/** The numbered sections and facts of a chapter; undefined while the chapter does not exist. */
export function readSpec(file) {
  const path = join(root, 'docs/spec', file);
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  const sections = new Map([...text.matchAll(/^##+ (\d+\.\d+) (.*)$/gm)].map(([, number, title]) => [number, title]));
  const facts = [...text.matchAll(/^(?:- |\| ?)(?:\*\*)?(\d+\.\d+(?:\.\d+[a-z]?| \(\d+\))?)(?=[ .*|])/gm)];
  return { sections, numbers: new Set(facts.map(([, number]) => number)) };
}
