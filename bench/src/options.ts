/** The command line of `npm run bench -- ...`. */
import { parseArgs } from 'node:util';
import { type ServerKind, serverKinds } from './servers.js';

const flags = ['startup', 'memory', 'million', 'clients', 'attacks', 'recipes'] as const;
type Measure = (typeof flags)[number] | 'rows' | 'ensemble';

export interface Options {
  measures: Measure[];
  servers: ServerKind[];
  /** The duration of one measurement, in seconds. */
  seconds: number;
  rounds: number;
  /** The duration of a warm-up, in seconds. Each server that is started for a row is warmed up once, unmeasured. */
  warmupSeconds: number;
  only: string[];
  payloadBytes: number;
  nodes: number;
  /** Configuration keys (zoo.cfg) for nodekeeper and ZooKeeper. */
  config: Record<string, string>;
  /** The folder of another built checkout of nodekeeper. Its server takes part in the rows. */
  baseline: string | undefined;
  json: string | undefined;
  /** The base name of the files to write in bench/results. */
  record: string | undefined;
  profile: boolean;
  /** The number of servers in an ensemble; 0 compares single servers. */
  ensemble: number;
  /** The server that the clients of `--clients` connect to. */
  clientsServer: 'nodekeeper' | 'apache';
}

export const usage = `npm run bench -- [options]
  --vs apache        also run Apache ZooKeeper 3.9.5, in turn on this machine
  --floor            also run a bare Node server that does no ZooKeeper work
  --baseline folder  also run nodekeeper of another checkout, which must be built (not with --clients)
  --servers a,b      exactly these, of: ${serverKinds.join(', ')}
  --only text        only rows whose name contains the text (may be repeated); with --ensemble also failover, size
  --seconds n        length of one measurement (default 3)
  --rounds n         measurements per row and server, alternating; the median counts (default 3)
  --warmup n         seconds of load before a fresh server is measured (default 6; 30 with --ensemble)
  --payload n        bytes of node data (default 1024)
  --set key=value    zoo.cfg key for nodekeeper and ZooKeeper (may be repeated)
  --json file        write all measurements to the file
  --record name      write bench/results/<date>-<name>.md and .json
  --profile          also print the time spent by nodekeeper's main thread (its results are lower then);
                     with --clients that of nodekeeper's client
  --startup          instead: time from process start to the first answered request
  --memory           instead: resident memory of the idle server
  --million          instead: load, memory, restart and snapshot pauses with a million nodes
  --nodes n          nodes for --million (default 1000000)
  --ensemble 3       instead: ensembles of 3 servers: load, failover, memory, a joining server
  --clients          instead: @nodekeeper/client, node-zookeeper-client and the native zookeeper, in turn on one server
  --attacks          instead: reply times of a client while another sends expensive requests (see README)
  --recipes          instead: the recipes of @nodekeeper/recipes (see README)
  --clients-server s the server of --clients: nodekeeper (default) or apache`;

/** Parses the arguments. Throws an Error whose message says what is wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      vs: { type: 'string' },
      floor: { type: 'boolean' },
      baseline: { type: 'string' },
      servers: { type: 'string' },
      only: { type: 'string', multiple: true },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      warmup: { type: 'string' },
      payload: { type: 'string' },
      nodes: { type: 'string' },
      set: { type: 'string', multiple: true },
      json: { type: 'string' },
      record: { type: 'string' },
      profile: { type: 'boolean' },
      startup: { type: 'boolean' },
      memory: { type: 'boolean' },
      million: { type: 'boolean' },
      ensemble: { type: 'string' },
      clients: { type: 'boolean' },
      attacks: { type: 'boolean' },
      recipes: { type: 'boolean' },
      'clients-server': { type: 'string' },
    },
  });
  const extra = flags.filter((name) => values[name]);
  const ensemble: Measure[] = values.ensemble === undefined ? [] : ['ensemble'];
  return {
    measures: extra.length + ensemble.length > 0 ? [...extra, ...ensemble] : ['rows'],
    servers: serversOf(values),
    baseline: values.baseline,
    seconds: number('seconds', values.seconds, 3),
    rounds: number('rounds', values.rounds, 3),
    warmupSeconds: number('warmup', values.warmup, values.ensemble === undefined ? 6 : 30),
    only: values.only ?? [],
    payloadBytes: number('payload', values.payload, 1024),
    nodes: number('nodes', values.nodes, 1_000_000),
    config: Object.fromEntries((values.set ?? []).map(keyAndValue)),
    json: values.json,
    record: values.record,
    profile: values.profile ?? false,
    ensemble: number('ensemble', values.ensemble, 0),
    clientsServer: clientsServerOf(values['clients-server'] ?? 'nodekeeper'),
  };
}

interface ServerArguments {
  servers?: string | undefined;
  vs?: string | undefined;
  floor?: boolean | undefined;
  baseline?: string | undefined;
}

function serversOf({ servers: list, vs, floor, baseline }: ServerArguments): ServerKind[] {
  if (vs !== undefined && vs !== 'apache') throw new Error(`--vs ${vs}: the only peer is "apache".`);
  if (list === undefined) {
    const wanted: Record<ServerKind, boolean> = {
      nodekeeper: true,
      baseline: baseline !== undefined,
      apache: vs !== undefined,
      floor: floor ?? false,
    };
    return (Object.keys(wanted) as ServerKind[]).filter((kind) => wanted[kind]);
  }
  return list.split(',').map((name) => {
    const kind = serverKinds.find((known) => known === name);
    if (!kind) throw new Error(`--servers ${list}: "${name}" is none of ${serverKinds.join(', ')}.`);
    return kind;
  });
}

/** Rejects the server `floor`. Its Stat has only zeros, so the clients could not check the replies to their writes. */
function clientsServerOf(name: string): Options['clientsServer'] {
  if (name === 'nodekeeper' || name === 'apache') return name;
  throw new Error(`--clients-server ${name}: it must be "nodekeeper" or "apache".`);
}

function number(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} ${text}: give a number above 0.`);
  return value;
}

function keyAndValue(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Error(`--set ${text}: give key=value.`);
  return [text.slice(0, at), text.slice(at + 1)];
}
