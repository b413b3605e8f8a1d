// `npm run prose`: lists words and constructions that docs/writing.md advises against, with file and line. The list
// helps editors, and a finding is not an error.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './ensure.mjs';
import { proseOf } from './prose-text.mjs';

const help = `npm run prose [-- [--summary] [path ...]]

  path       a file or folder (default: all code and documents)
  --summary  prints how often each fault occurs, not where`;

/** The words and constructions to find, and what to write in place of each. */
const faults = [
  [/\b(who|whoever|whom|somebody|someone|nobody|everybody|anybody|anyone)\b/i, 'name the server, client or connection'],
  [/\b(behind|in front of)\b/i, 'for time: after, before'],
  [/\b(go(es|ing)?|went|gone) on\b/i, 'continue'],
  [/\bstep(s|ped|ping)? over\b/i, 'skip'],
  [/\b(anew|once more)\b/i, 'again'],
  [/\b(meanwhile|by and by|in the end|for ever)\b/i, 'say when: while ..., finally, without limit'],
  [/\b(is|are|was|were) none\b/i, 'say what is missing'],
  [/\bbe had\b/i, 'is not available'],
  [/\bbe(come|comes|came) of\b/i, 'happens to'],
  [/\bparted (by|with)\b/i, 'separated by'],
  [/\b(be|is|are) content with\b/i, 'accept'],
  [/\b(all the same|as it were|so to speak|of its own making)\b/i, 'anyway, or nothing'],
  [/\bhears?\b|\bheard of\b/i, 'receives'],
  [/\b(is|are|was|were|be) (told|said|believed)\b/i, 'is notified, reported, accepted'],
  [/\bgoes before\b/i, 'overrides, or precedes'],
  [/\b(ours|theirs)\b/i, 'nodekeeper, ZooKeeper'],
  [/\bas of Apache\b/, "in ZooKeeper's format"],
  [
    /(^|[.;:] )(Only|Not|Never|Nor|Neither) (then|here|when|until|so|once)?\s?(is|are|does|do|can|may|must|has|was)\b/,
    'subject first',
  ],
  [/(^|\. )(What|Whatever|Whichever) (?!is |are |does |do |happens )[^?]*$/, 'subject first: name the thing'],
];
const wordsMax = 25;
const longSentence = `a sentence has at most ${wordsMax} words`;

const { values, positionals } = parsed();
if (values.help) {
  console.log(help);
  process.exit(0);
}
const folders = ['packages', 'docs', 'examples', 'bench', 'interop', 'chaos', 'scripts', '.github'];
const documents = readdirSync(root).filter((name) => name.endsWith('.md'));
const counts = new Map();
for (const path of positionals.length > 0 ? positionals : [...folders, ...documents]) {
  for (const file of files(resolve(root, path))) inspect(file);
}
const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
for (const [advice, count] of [...counts].sort(([, a], [, b]) => b - a))
  console.log(`${String(count).padStart(6)}  ${advice}`);
console.log(`${String(total).padStart(6)}  in all (docs/writing.md has the rules)`);

function* files(path) {
  if (!statSync(path).isDirectory()) {
    if (/\.(ts|mjs|md)$/.test(path) && !isExempt(path)) yield path;
    return;
  }
  for (const name of readdirSync(path)) {
    if (!['node_modules', 'dist', 'testdata', 'results'].includes(name)) yield* files(join(path, name));
  }
}

/**
 * Files to skip: generated files, which must be edited at their source, and files that quote wrong words as examples.
 */
function isExempt(path) {
  return /\.gen\.ts$|docs\/(writing|configuration)\.md$|docs\/api\/|scripts\/prose\.mjs$/.test(path);
}

function inspect(file) {
  for (const { line, text } of proseOf(file, readFileSync(file, 'utf8'))) {
    for (const [pattern, advice] of faults) {
      const found = pattern.exec(text);
      if (found !== null) report(file, line, advice, around(text, found.index));
    }
    for (const sentence of text.split(/(?<=[.!?:;])\s+/)) {
      const words = sentence.split(/\s+/).filter((word) => /\w/.test(word)).length;
      if (words > wordsMax) report(file, line, longSentence, `${words} words: ${sentence.slice(0, 60)} ...`);
    }
  }
}

function report(file, line, advice, excerpt) {
  counts.set(advice, (counts.get(advice) ?? 0) + 1);
  if (!values.summary) console.log(`${relative(root, file)}:${line}: ${excerpt} (${advice})`);
}

function around(text, index) {
  return text.slice(Math.max(0, index - 30), index + 50).trim();
}

function parsed() {
  const options = { summary: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } };
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    console.error(`${error.message}\n\n${help}`);
    process.exit(1);
  }
}
