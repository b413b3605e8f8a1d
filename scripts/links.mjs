// Checks that every link in a document leads to a file of the repository and, if it has an anchor, to an existing
// heading.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './ensure.mjs';

/** Matches the target of `[text](target)`, also for an image. */
const inlineLink = /\]\(<?([^()\s<>]*(?:\([^()\s]*\)[^()\s]*)*)>?(?: "[^"]*")?\)/g;
/** Matches `[name]: target` at the start of a line. */
const linkDefinition = /^ {0,3}\[[^\]]+\]: +(\S+)/gm;
const fencedCode = /^ *(```|~~~)[\s\S]*?^ *\1/gm;
/** Matches a code span. A code span does not continue after the end of its paragraph. */
const codeSpan = /(`+)(?!`)(?:(?!\n\s*\n)[\s\S])*?[^`]\1(?!`)/g;

/** Reads all Markdown files of the repository. The result maps the path of each file to its text. */
export function readDocuments(folder = root) {
  const documents = new Map();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (['node_modules', 'dist', 'testdata'].includes(entry.name) || entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) for (const [below, text] of readDocuments(path)) documents.set(below, text);
    else if (entry.name.endsWith('.md')) documents.set(path, readFileSync(path, 'utf8'));
  }
  return documents;
}

/**
 * Returns the faults, each as a line of text.
 * @param {ReadonlyMap<string, string>} documents texts by path
 */
export function linkFaults(documents) {
  const anchors = new Map();
  const anchorsOf = (path) => {
    if (!anchors.has(path)) anchors.set(path, readAnchors(documents.get(path)));
    return anchors.get(path);
  };
  const faults = [];
  for (const [path, text] of documents) {
    const prose = withoutCode(text);
    for (const [, target] of [...prose.matchAll(inlineLink), ...prose.matchAll(linkDefinition)]) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file, anchor] = decodeURI(target).split('#');
      const destination = file === '' ? path : join(dirname(path), file);
      if (!existsSync(destination)) faults.push(`${path}: ${target} is no file`);
      else if (anchor !== undefined && documents.has(destination) && !anchorsOf(destination).has(anchor)) {
        faults.push(`${path}: ${target} is no heading of that document`);
      }
    }
  }
  return faults;
}

/** The anchors of a document: those that GitHub gives to the headings, and explicit ones. */
function readAnchors(text) {
  const anchors = new Set();
  const headings = text.replace(fencedCode, '').matchAll(/^#{1,6} +(.*?) *#*$/gm);
  for (const [, heading] of headings) {
    const anchor = anchorOf(heading);
    let unique = anchor;
    for (let count = 1; anchors.has(unique); count++) unique = `${anchor}-${count}`;
    anchors.add(unique);
  }
  for (const [, id] of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

/** The words of a heading in lower case and without punctuation, joined by hyphens. */
function anchorOf(heading) {
  return heading
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}

/** Removes code from a document, because brackets in code are not links. */
function withoutCode(text) {
  return text.replace(fencedCode, '').replace(codeSpan, 'code');
}
