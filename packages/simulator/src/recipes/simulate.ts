import { Ledger } from '../checks/ledger.js';
import { Ensemble } from '../ensemble.js';
import type { Drops } from '../plan/setting.js';
import { countsOf, type Outcome, servingMsMax, stateOf } from '../simulation.js';
import { World } from '../world/world.js';
import { Program } from './program.js';
import { drawRecipeSetting } from './setting.js';
import { type RecipeRow, recipeTable, type Scene } from './table.js';

const notesShown = 100_000;
const recipePath = '/recipe';
/** The time limit for each program to get its turn, after all servers serve. */
const turnMsMax = 30_000;
const restMsMax = 20_000;
const closeMsMax = 10_000;
const backgroundMs = 2000;
const stepMs = 50;

/**
 * Simulates a run of programs that use one recipe. Faults happen for a while, then everything heals. After that, every
 * program must get its turn. Then the programs stop, and no node of the recipe may remain.
 *
 * @param names the recipes of which the seed selects one; all if the list is empty
 */
export async function simulateRecipe(
  seed: number,
  drops: Drops = new Set(),
  names: readonly string[] = [],
): Promise<Outcome> {
  const rows = recipeTable.filter(({ name }) => names.length === 0 || names.includes(name));
  if (rows.length === 0) throw new Error(`the recipes are ${recipeTable.map(({ name }) => name).join(', ')}`);
  const run = new RecipeRun(seed, drops, rows[seed % rows.length]!);
  const uncaught = (error: unknown) => run.uncaught(error);
  process.on('unhandledRejection', uncaught).on('uncaughtException', uncaught);
  try {
    return await run.run();
  } finally {
    process.off('unhandledRejection', uncaught).off('uncaughtException', uncaught);
  }
}

class RecipeRun {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #ensemble: Ensemble<Program>;
  readonly #scene: Scene;

  constructor(
    readonly seed: number,
    drops: Drops,
    readonly row: RecipeRow,
  ) {
    this.#world = new World(seed);
    this.#ledger = new Ledger(this.#world);
    const setting = drawRecipeSetting(this.#world, drops);
    this.#ensemble = new Ensemble<Program>(this.#world, this.#ledger, setting, (network, servers) =>
      setting.programs.map((each) => new Program(this.#world, network, this.#ledger, each, servers)),
    );
    this.#scene = row.open({ world: this.#world, setting, path: recipePath, model: this.#ledger.model });
    for (const program of this.#programs) {
      program.join = (zk) => this.#scene.join(program, zk);
      program.rejects = row.rejects ?? [];
      program.onDeletion = (path, zxid) => this.#woken(program, path, zxid);
    }
  }

  get #programs(): readonly Program[] {
    return this.#ensemble.clients;
  }

  /** Called with an error that the recipe or the client has thrown where no caller can catch it. */
  uncaught(error: unknown): void {
    if (this.#world.failure !== undefined) return;
    try {
      this.#world.violate('NoImpossibleState', `uncaught ${(error as Error)?.stack ?? error}`);
    } catch {
      // the world has recorded the violation and stops the run
    }
  }

  /** The programs that a watch event has told of a deletion, by its path and zxid. */
  readonly #wokenBy = new Map<string, Set<Program>>();

  #woken(program: Program, path: string, zxid: number): void {
    const key = `${path} at 0x${zxid.toString(16)}`;
    const woken = this.#wokenBy.get(key) ?? new Set();
    this.#wokenBy.set(key, woken.add(program));
    const { wakesMax = Number.POSITIVE_INFINITY } = this.row;
    program.check(woken.size <= wakesMax, 'NoHerd', () => {
      return `and ${woken.size - 1} other programs wake after the deletion of ${key}`;
    });
  }

  async run(): Promise<Outcome> {
    const ensemble = this.#ensemble;
    const world = this.#world;
    try {
      ensemble.start();
      await world.runSettling(ensemble.setting.durationMs);
      ensemble.heal();
      await this.#liveness();
      await this.#end();
    } catch (error) {
      if (world.failure === undefined) throw error;
    }
    return {
      seed: this.seed,
      setting: ensemble.setting,
      recipe: this.row.name,
      failure: world.failure,
      traceHash: world.traceHash,
      notes: world.lastNotes(notesShown),
      counts: { ...countsOf(ensemble), turns: this.#programs.reduce((sum, { turns }) => sum + turns, 0) },
    };
  }

  async #until(what: string, limitMs: number, isSo: () => boolean): Promise<void> {
    const world = this.#world;
    const endMs = world.nowMs + limitMs;
    while (!isSo()) {
      if (world.nowMs >= endMs) {
        const states = this.#ensemble.servers.map((server) => `${server.name} ${stateOf(server)}`);
        world.violate('Liveness', `${what}: not within ${limitMs} ms (${states.join(', ')})`);
      }
      await world.runSettling(world.nowMs + stepMs);
    }
  }

  async #liveness(): Promise<void> {
    const { servers } = this.#ensemble;
    const isServing = () => servers.every((server) => server.isServing) && servers.some((server) => server.isLeading);
    await this.#until('all servers serve', servingMsMax, isServing);
    const turnsBefore = new Map(this.#programs.map((program) => [program, program.turns]));
    const late = () => this.#programs.filter((program) => program.turns === turnsBefore.get(program));
    const names = () => late().map(({ name }) => name);
    await this.#until('every program gets its turn', turnMsMax, () => names().length === 0);
  }

  /** The programs stop. Their recipes must leave no node and no watch. */
  async #end(): Promise<void> {
    const programs = this.#programs;
    for (const program of programs) program.stop();
    await this.#until('every program becomes idle', restMsMax, () => programs.every(({ isIdle }) => isIdle));
    // after this time, the sessions of killed programs are over
    const { maxSessionTimeoutMs = 4000 } = this.#ensemble.servers[0]!.setting.config;
    await this.#world.runSettling(this.#world.nowMs + maxSessionTimeoutMs * 1.5);
    for (const program of programs) program.close();
    await this.#until('every program closes its recipe', closeMsMax, () => programs.every((each) => each.isResting));
    await this.#finish();
    // deletions in the background have ended after this time
    await this.#world.runSettling(this.#world.nowMs + backgroundMs);
    this.#nothingIsLeft();
    for (const program of programs) program.leave();
    await this.#until('every client closes', closeMsMax, () => programs.every(({ isClosed }) => isClosed));
  }

  async #finish(): Promise<void> {
    const [program] = this.#programs;
    let isDone = program === undefined;
    program?.process.post(0, async () => {
      await this.#scene.finish?.(program.zk!);
      isDone = true;
    });
    await this.#until('the last checks', closeMsMax, () => isDone);
  }

  #nothingIsLeft(): void {
    const { model, lastZxid } = this.#ledger;
    const { keeps = () => false } = this.row;
    const left = [...model.paths].filter((path) => {
      const node = path.startsWith(`${recipePath}/`) ? model.at(path, lastZxid) : undefined;
      return node !== undefined && node.owner !== containerOwner && !keeps(path.slice(recipePath.length + 1));
    });
    this.#world.demand(left.length === 0, 'NothingLeft', () => `the programs have stopped, but ${left} exist`);
    for (const { name, zk } of this.#programs) {
      const watches = Object.entries(zk!.stats().watches).filter(([, count]) => count > 0);
      this.#world.demand(
        watches.length === 0,
        'NothingLeft',
        () => `${name} has stopped, but keeps ${watches} watches`,
      );
    }
  }
}

const containerOwner = -0x8000000000000000n;
