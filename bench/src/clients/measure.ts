/** `npm run bench -- --clients`: measures nodekeeper's client and the other clients in turn, on one server. */
import type { Options } from '../options.js';
import { type Section, serverNames } from '../report.js';
import { measureBursts } from './burst.js';
import { contenders, type Installed } from './contenders.js';
import { measureFootprints } from './footprint.js';
import { installClients } from './install.js';
import { burstTable, footprintTable, latencyTable, missingText, throughputTable } from './report.js';
import { type ClientRow, clientRows, compareClients, rowName } from './throughput.js';

export async function measureClients(options: Options): Promise<Section> {
  const clients = await installClients();
  const { installed, missing } = clients;
  if (missing.length > 0) console.error(missingText(missing));
  const footprints = await measureFootprints(clients, options);
  const pipelined = await compareRows((row) => row.window > 1, installed, options);
  const single = await compareRows((row) => row.window === 1, installed, options);
  const bursts = await measureBursts(installed, options);
  const parts: [title: string, text: string][] = [
    ['Many outstanding on one connection', throughputTable(pipelined)],
    ['One at a time', latencyTable(single)],
    ['All made at once, all awaited', burstTable(bursts)],
    ['Before the first request', footprintTable(footprints)],
  ];
  const markdown = [
    `Clients of ${serverNames[options.clientsServer]}: ${installed.map(introduce).join('; ')}. Ratios are @nodekeeper/client / the other.`,
    ...(missing.length > 0 ? [missingText(missing)] : []),
    ...parts.map(([title, text]) => `## ${title}\n\n${text}`),
  ].join('\n\n');
  const versions = Object.fromEntries(installed.map(({ name, version }) => [name, version]));
  return { name: 'clients', markdown, data: { versions, missing, pipelined, single, bursts, footprints } };
}

async function compareRows(wanted: (row: ClientRow) => boolean, installed: readonly Installed[], options: Options) {
  const results = [];
  for (const row of clientRows.filter(wanted)) {
    console.error(`${rowName(row)} ...`);
    results.push(await compareClients(row, installed, options));
  }
  return results;
}

function introduce({ name, version }: Installed): string {
  return `${name} ${version} (${contenders.find((contender) => contender.name === name)!.kind})`;
}
