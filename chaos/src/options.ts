import { parseArgs } from 'node:util';
import { type FaultGroup, faultGroups } from './faults/fault.js';

export interface Options {
  readonly minutes: number;
  readonly servers: number;
  readonly seed: number;
  readonly groups: readonly FaultGroup[];
  /** Keeps the logs and files even if the run passes. */
  readonly keep: boolean;
}

export const usage = `npm run chaos -- [options]
  --minutes n      duration of the faults (default 1)
  --servers 3|5    (default 3)
  --seed n         seed of the faults and operations (default: a new one; it is printed)
  --faults a,b     only these groups, of: ${faultGroups.join(', ')}
  --keep           keep logs and files even if all is well`;

/** Parses the command line. Throws an Error whose message names the wrong option. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string' },
      servers: { type: 'string' },
      seed: { type: 'string' },
      faults: { type: 'string' },
      keep: { type: 'boolean' },
    },
  });
  const groups = (values.faults ?? faultGroups.join(',')).split(',');
  const unknown = groups.find((name) => !(faultGroups as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`--faults: unknown group ${unknown}`);
  return {
    minutes: number('minutes', values.minutes ?? '1', (value) => value > 0),
    servers: number('servers', values.servers ?? '3', (value) => value === 3 || value === 5),
    seed: number('seed', values.seed ?? newSeed(), Number.isSafeInteger),
    groups: groups as FaultGroup[],
    keep: values.keep ?? false,
  };
}

function newSeed(): string {
  return String(Math.floor(Math.random() * 1_000_000));
}

function number(name: string, text: string, isGood: (value: number) => boolean): number {
  const value = Number(text);
  if (text.trim() === '' || !isGood(value)) throw new Error(`--${name} can't be ${text}`);
  return value;
}
