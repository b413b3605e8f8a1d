import { fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Mutant, mutants, unmutated } from './table.js';

/** The result of all runs with one mutant. */
interface Verdict {
  readonly mutant: Mutant;
  /** The number of runs up to the first failure. Undefined if no run failed. */
  readonly seeds: number | undefined;
  readonly check: string | undefined;
  readonly seconds: number;
}

const processes = 2;
/** A check must catch a mutant within this many runs. */
const seedsMax = 1000;
const firstSeed = 1;
const child = fileURLToPath(new URL('./child.js', import.meta.url));
const register = new URL('./register.js', import.meta.url).href;
const document = fileURLToPath(new URL('../../../../../docs/internals/mutants.md', import.meta.url));

/**
 * Runs seeds with each mutant until a check catches the mutant. Returns the number of mutants that no check has caught.
 */
export async function runMutants(ids: readonly string[], isWritten: boolean): Promise<number> {
  const left = mutants.filter(({ id }) => ids.length === 0 || ids.some((each) => id.startsWith(each)));
  const verdicts = new Map<Mutant, Verdict>();
  const queue = [...left];
  const worker = async () => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      const verdict = await judge(mutant);
      verdicts.set(mutant, verdict);
      console.log(`${row(verdict)} ${verdict.seconds.toFixed(0)} s`);
    }
  };
  await Promise.all(Array.from({ length: processes }, worker));
  const ordered = left.map((mutant) => verdicts.get(mutant)!);
  if (isWritten) write(ordered);
  return ordered.filter(({ seeds }) => seeds === undefined).length;
}

export function judge(mutant: Mutant, seeds = seedsMax): Promise<Verdict> {
  const startMs = Date.now();
  return new Promise((done) => {
    const running = fork(child, [String(firstSeed), String(seeds)], {
      execArgv: ['--import', register],
      env: { ...process.env, NODEKEEPER_MUTANT: mutant.id, NODEKEEPER_RECIPE: mutant.recipe },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    let verdict: { seeds: number | undefined; check: string | undefined } = { seeds: undefined, check: 'did not run' };
    running.on('message', (message: Partial<typeof verdict>) => {
      verdict = { seeds: message.seeds, check: message.check };
    });
    running.on('exit', () => done({ mutant, ...verdict, seconds: (Date.now() - startMs) / 1000 }));
  });
}

function row({ mutant, seeds, check }: Verdict): string {
  const killed = seeds === undefined ? `**survives ${seedsMax}**` : String(seeds);
  return `| ${mutant.id} | ${mutant.undoes} | ${killed} | ${check ?? ''} |`;
}

/**
 * Writes the table of mutants into the document, between the two marks for it. Mutants without a verdict keep their
 * row.
 */
function write(verdicts: readonly Verdict[]): void {
  const text = readFileSync(document, 'utf8');
  const oldRow = ({ id }: Mutant) => text.split('\n').find((line) => line.startsWith(`| ${id} | `));
  const newRow = (mutant: Mutant) => {
    const verdict = verdicts.find((each) => each.mutant === mutant);
    return verdict === undefined ? oldRow(mutant) : row(verdict);
  };
  const head = '| fault | what is undone | seeds until caught | caught by |\n| --- | --- | --- | --- |';
  const rows = mutants.flatMap((mutant) => newRow(mutant) ?? []);
  const missing = unmutated.map(({ id, why }) => `| ${id} | ${why} |`);
  const table = [head, ...rows, '', '| fault | why there is no mutant |', '| --- | --- |', ...missing].join('\n');
  const [before, after] = [text.split('<!-- table -->')[0], text.split('<!-- end of table -->')[1]];
  writeFileSync(document, `${before}<!-- table -->\n\n${table}\n\n<!-- end of table -->${after}`);
}
