import type { OptionRow, OptionSection } from './option-row.js';
import { clientOptions } from './options-client.js';
import { ensembleOptions } from './options-ensemble.js';
import { ownOptions } from './options-own.js';
import { parserOptions } from './options-parser.js';
import { securityOptions, tlsOptionRows } from './options-security.js';
import { storageOptions } from './options-storage.js';

/** All options of zoo.cfg and all `zookeeper.*` properties, one row for each. */
export const optionSections: readonly OptionSection[] = [
  { title: 'Basics', rows: parserOptions },
  { title: 'Storage and transactions', rows: storageOptions },
  { title: 'Clients, requests, the tree', rows: clientOptions },
  { title: 'Ensemble', rows: ensembleOptions },
  { title: 'Security and administration', rows: securityOptions },
  { title: 'TLS', rows: tlsOptionRows },
  { title: 'Only in nodekeeper', rows: ownOptions },
];

export const options: readonly OptionRow[] = optionSections.flatMap((section) => section.rows);

const byKey = new Map(options.map((option) => [option.key, option]));
const openEnded = options.filter((option) => option.key.endsWith('*'));

/**
 * Reduces a key to its letters and digits, in lower case. `ZOO_AUTOPURGE_PURGEINTERVAL` and
 * `ZOO_AUTOPURGE_PURGE_INTERVAL` therefore name the same option.
 */
export function squeeze(key: string): string {
  return key.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/**
 * The keys that an environment variable can set. `version` is excluded, because Docker images set `ZOO_VERSION` for
 * another purpose.
 */
export const keyBySqueezedName: ReadonlyMap<string, string> = new Map(
  options.filter(({ key }) => !key.endsWith('*') && key !== 'version').map(({ key }) => [squeeze(key), key]),
);

/** Finds the option for a key of zoo.cfg, with or without the prefix `zookeeper.`. */
export function findOption(key: string): OptionRow | undefined {
  const exact = byKey.get(key) ?? openEnded.find((option) => fits(option, key));
  if (exact !== undefined || !key.startsWith('zookeeper.')) return exact;
  const option = findOption(key.slice('zookeeper.'.length));
  return option?.origin === 'property' ? option : undefined;
}

function fits(option: OptionRow, key: string): boolean {
  const prefix = option.key.slice(0, -1);
  return key.startsWith(prefix) && key.length > prefix.length;
}

/**
 * Returns the known key that is most similar to the given key. A given key that lacks the beginning of a known key
 * counts as similar, for example `purgeInterval` for `autopurge.purgeInterval`. Returns undefined if no known key is
 * similar.
 */
export function nearestKey(key: string): string | undefined {
  const near = nearest(key, options, (length) => Math.max(1, Math.floor(length / 4)));
  return (near ?? options.find((option) => option.key.endsWith(`.${key}`)))?.key;
}

/**
 * Returns the option that a key appears to misspell. Options with `ignoring: 'nothing'` are left out, because ignoring
 * them has no consequence.
 */
export function misspeltOption(key: string): OptionRow | undefined {
  return nearest(key, consequential, (length) => (length < 8 ? 1 : 2));
}

const consequential = options.filter(({ ignoring }) => ignoring !== 'nothing');

function nearest(
  key: string,
  among: readonly OptionRow[],
  editsAllowed: (length: number) => number,
): OptionRow | undefined {
  let found: OptionRow | undefined;
  const wanted = key.toLowerCase().replace(/^zookeeper\./, '');
  let fewestEdits = editsAllowed(wanted.length) + 1;
  for (const option of among) {
    const known = option.key.toLowerCase();
    const edits = squeeze(known) === squeeze(wanted) ? 0 : editDistance(wanted, known);
    if (edits < fewestEdits) [found, fewestEdits] = [option, edits];
  }
  return found;
}

/** Returns the number of letters to insert, delete or replace to turn one text into the other. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line++) {
    const current = [line];
    for (let column = 1; column <= to.length; column++) {
      const replaced = previous[column - 1]! + (from[line - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[to.length]!;
}
