// docs/compatibility/README.md: how to read the pages, the number of rows in each state, missing features, and
// deliberate differences.
import { rowsOf, states } from './data.mjs';
import { evidenceItems, linkDefinitions, needsTest } from './evidence.mjs';
import { item, slugOf, table, wrapped } from './markdown.mjs';

export function readme(data) {
  const { groups, differences } = data;
  const parts = [
    '# Compatibility with Apache ZooKeeper 3.9.5',
    wrapped(
      'For each fact about Apache ZooKeeper 3.9.5, these pages say if nodekeeper does the same, and name the test that shows it. ' +
        '`npm run generate` makes them from [data](data); do not edit them.',
    ),
    '## How to read the pages',
    howToRead(),
    '## Counts',
    countTable(data),
    '## What is missing',
    missing(data),
    '## Deliberate differences',
    wrapped(
      'Configuration has [differences of its own](../configuration.md#different-from-zookeeper). The suite `differential` excludes the ' +
        'requests of [known-differences.ts](../../interop/src/differential/known-differences.ts), and each run prints them. ' +
        '[interop/README.md](../../interop/README.md) lists the requests that end or disable ZooKeeper.',
    ),
    groups.map(contents).join('\n'),
  ];
  for (const group of groups) {
    for (const difference of group.differences) parts.push(`### ${difference.title}`, differenceItems(difference));
  }
  parts.push(linkDefinitions([...differences.values()]).join('\n'));
  return `${parts.join('\n\n')}\n`;
}

function howToRead() {
  return [
    item(
      'A row has the number of a fact in [docs/spec](../spec/README.md), which says what Apache ZooKeeper does. Comments in the code ' +
        'cite the same numbers. Chapters 0 and 11 of docs/spec repeat facts of other chapters and have no rows.',
    ),
    ...Object.entries(states).map(([state, meaning]) => item(`**${state}**: ${meaning}`)),
    item(
      'A test is a file and a name; `…` stands for the part that differs between the runs of one test. `[server/ops/reads]` is ' +
        '`packages/server/test/ops/reads.test.ts`, and `npm test -- ops/reads` runs it.',
    ),
    item(
      'A suite compares nodekeeper with a real ZooKeeper server: `npm run test:interop -- differential`. `differential` sends one random ' +
        'stream of requests to both and compares replies, Stats, zxids, watch events and closed connections. `directories` starts ' +
        'each server on data directories of the other, and back. `scenarios` runs timed scenarios on both. `mixed` runs ensembles of both.',
    ),
    item('**No test** means that no test and no suite covers the row.'),
    item(
      'Labels such as R-15 or S-8 are faults of Apache ZooKeeper, explained in [faults.md](../spec/faults.md). A test named ' +
        '`S-8 ZK-2332` guards against ZOOKEEPER-2332.',
    ),
  ].join('\n');
}

function countTable({ chapters }) {
  const names = Object.keys(states);
  const count = (rows, test) => rows.filter(test).length;
  const line = (first, rows) => [
    first,
    rows.length,
    ...names.map((state) => count(rows, (row) => row.state === state)),
    count(rows, needsTest),
  ];
  return table([
    ['chapter', 'rows', ...names, 'no test'],
    ...chapters.map(({ number, title, file, sections }) =>
      line(
        `[${number} ${title}](${file})`,
        sections.flatMap(({ rows }) => rows),
      ),
    ),
    line('all', rowsOf({ chapters })),
  ]);
}

/** Lists the missing features, in the order in which the rows first name them. */
function missing(data) {
  const features = new Map();
  for (const { id, feature } of rowsOf(data)) {
    if (feature !== undefined) features.set(feature, [...(features.get(feature) ?? []), id]);
  }
  return [...features].map(([feature, ids]) => item(`**${feature}**: ${ids.join('; ')}`)).join('\n');
}

function contents({ title, differences }) {
  const links = differences.map((each) => item(`[${each.title}](#${slugOf(each.title)})`, 1));
  return [item(title), ...links].join('\n');
}

function differenceItems(difference) {
  const { apache, nodekeeper, why } = difference;
  const items = [item(`Apache: ${apache}`), item(`nodekeeper: ${nodekeeper}`), item(`Why: ${why}`)];
  return [...items, ...evidenceItems(difference).map((each) => each.replace(/^ {2}/gm, ''))].join('\n');
}
