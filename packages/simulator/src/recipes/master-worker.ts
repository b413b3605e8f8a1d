import type { ZooKeeper } from '@nodekeeper/client';
import { type Delivery, Master, TaskClient, type TaskContext, Worker } from '@nodekeeper/recipes';
import { ExclusiveHolds } from './exclusive-holds.js';
import { work } from './locks.js';
import type { Program, RecipeUser } from './program.js';
import type { RecipeRow, Scene } from './table.js';

const groupName = 'jobs';
/** What a group leaves: its directories, the tasks that were not deleted, and the directories of dead workers. */
const remains = /^jobs(\/(epoch|workers|((tasks|status|assign)(\/.*)?)))?$/;
const resultMsMax = 3000;

/** What all programs know of the tasks. */
class TaskRecord {
  /** How often a worker has begun each task. */
  readonly #runs = new Map<string, number>();
  /** At one time, one worker runs a task without knowing that it may have lost the task. */
  readonly #holds = new Map<string, ExclusiveHolds>();

  #count = 0;

  newPayload(): string {
    return `payload ${this.#count++}`;
  }

  async run(program: Program, payload: string, { token, signal, name }: TaskContext): Promise<string> {
    const runs = (this.#runs.get(payload) ?? 0) + 1;
    this.#runs.set(payload, runs);
    const isOnce = name.startsWith('once-');
    program.check(!isOnce || runs === 1, 'AtMostOnce', () => `begins ${payload}, which has run before`);
    const holds = this.#holds.get(payload) ?? new ExclusiveHolds();
    this.#holds.set(payload, holds);
    const none = async () => {};
    await work(program, { token, signal, path: name, release: none, [Symbol.asyncDispose]: none }, holds);
    return payload;
  }
}

/** Each program is a candidate, a worker and a client. */
class Colleague implements RecipeUser {
  readonly #program: Program;
  readonly #master: Master;
  readonly #worker: Worker<string, string>;
  readonly #client: TaskClient<string, string>;
  readonly #record: TaskRecord;
  #isStarted = false;

  constructor(program: Program, zk: ZooKeeper, path: string, record: TaskRecord) {
    const { name, policy } = program.setting;
    this.#program = program;
    this.#record = record;
    this.#master = new Master(zk, path, { name, policy });
    const run = (payload: string, context: TaskContext) => record.run(program, payload, context);
    const id = `${name}-${Math.floor(program.random() * 1e9)}`;
    this.#worker = new Worker(zk, path, run, { name: id, policy, parallel: 2 });
    this.#client = new TaskClient(zk, path);
    for (const recipe of [this.#master, this.#worker]) {
      recipe.on('event', (event) => program.note(JSON.stringify(event)));
      recipe.on('error', program.recipeEnded);
    }
  }

  async round(): Promise<boolean> {
    if (!this.#isStarted) {
      await this.#master.start();
      await this.#worker.start();
      this.#isStarted = true;
    }
    const payload = this.#record.newPayload();
    const delivery: Delivery = this.#program.random() < 0.5 ? 'at-least-once' : 'at-most-once';
    const signal = this.#program.patience();
    const task = await this.#client.submit(payload, { delivery, signal });
    const outcome = await task.outcome({ signal, timeoutMs: resultMsMax });
    this.#program.note(`gets ${JSON.stringify(outcome)} for ${task.name}`);
    const isRight =
      outcome.state === 'done' ? outcome.result === payload : outcome.state === 'lost' && delivery === 'at-most-once';
    this.#program.check(isRight, 'TrueResult', () => `gets ${JSON.stringify(outcome)} for ${payload}`);
    await task.delete({ signal });
    return true;
  }

  async close(): Promise<void> {
    await this.#worker.close();
    await this.#master.close();
  }
}

export const masterWorker: RecipeRow = {
  name: 'MasterWorker',
  keeps: (name) => remains.test(name),
  open: ({ path }): Scene => {
    const record = new TaskRecord();
    return { join: (program, zk) => new Colleague(program, zk, `${path}/${groupName}`, record) };
  },
};
