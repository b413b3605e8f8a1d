import { parseArgs } from 'node:util';

export interface Options {
  readonly seed: number | undefined;
  readonly seeds: number;
  readonly minutes: number | undefined;
  readonly drops: ReadonlySet<string>;
  readonly mutants: boolean;
  /** The names of the mutants or recipes to run. If the list is empty, all run. */
  readonly names: readonly string[];
  /** True to simulate programs that use recipes. `names` then has the recipes; all if it is empty. */
  readonly recipes: boolean;
  readonly trace: boolean;
  readonly write: boolean;
  /** True for a child process of `--minutes` or `--mutants`. It reports to its parent process in JSON. */
  readonly worker: boolean;
}

export const usage = `npm run sim -- [options]

  --seed N          one run, or the first of several
  --seeds K         number of runs (1)
  --minutes M       new seeds on two processes for M minutes
  --drop a,b        leaves parts out of a run: f3 (a fault), c2 or n1 (a client), skew, network, starts
  --recipes [..]    programs that use a recipe: Lock, ...; with all options above
  --trace           prints the whole trace of a run
  --mutants [id..]  runs each mutant until a check catches it; --write writes the table to docs/internals/mutants.md`;

export function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seed: { type: 'string' },
      seeds: { type: 'string', default: '1' },
      minutes: { type: 'string' },
      drop: { type: 'string', default: '' },
      mutants: { type: 'boolean', default: false },
      recipes: { type: 'boolean', default: false },
      trace: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      worker: { type: 'boolean', default: false },
    },
  });
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  return {
    seed: number(values.seed),
    seeds: Number(values.seeds),
    minutes: number(values.minutes),
    drops: new Set(values.drop.split(',').filter((name) => name !== '')),
    mutants: values.mutants,
    names: positionals,
    recipes: values.recipes,
    trace: values.trace,
    write: values.write,
    worker: values.worker,
  };
}
