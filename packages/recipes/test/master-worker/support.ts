import { on } from 'node:events';
import type { TestContext } from 'node:test';
import type { ZooKeeper } from '@nodekeeper/client';
import { Master, type MasterEvent, Worker, type WorkerEvent, type WorkerOptions } from '../../src/index.js';
import type { Work } from '../../src/master-worker/task-run.js';

export const base = '/jobs';

/** Starts a master. It is closed when the test ends. */
export async function startMaster(context: TestContext, zk: ZooKeeper, options = {}): Promise<Master> {
  const master = new Master(zk, base, options);
  context.after(() => master.close());
  await master.start();
  return master;
}

/** Starts a worker. It is closed when the test ends. */
export async function startWorker<Payload, Result>(
  context: TestContext,
  zk: ZooKeeper,
  work: Work<Payload, Result>,
  options: WorkerOptions<Payload, Result> = {},
): Promise<Worker<Payload, Result>> {
  const worker = new Worker(zk, base, work, options);
  context.after(() => worker.close());
  await worker.start();
  return worker;
}

/** Collects the events of a recipe from now on, so that the test can wait for each. */
export function recorder<Event extends MasterEvent | WorkerEvent>(recipe: {
  on(name: 'event', listener: (event: Event) => void): unknown;
}) {
  const all: Event[] = [];
  const arrivals = on(recipe as never, 'event');
  recipe.on('event', (event) => all.push(event));
  let read = 0;
  return {
    all,
    /** Waits for the next event of a type. Earlier events are skipped. */
    async next<Type extends Event['type']>(type: Type): Promise<Extract<Event, { readonly type: Type }>> {
      for (;;) {
        const found = all.findIndex((event, index) => index >= read && event.type === type);
        if (found >= 0) {
          read = found + 1;
          return all[found] as Extract<Event, { readonly type: Type }>;
        }
        await arrivals.next();
      }
    },
  };
}

/** Work that ends when the test says so, or when its signal is aborted. */
export class Gate {
  readonly begun: string[] = [];
  readonly aborted: string[] = [];
  readonly #waiting = new Map<string, () => void>();

  readonly work: Work<string, string> = async (payload, { name, signal }) => {
    this.begun.push(payload);
    await new Promise<void>((resolve, reject) => {
      this.#waiting.set(payload, resolve);
      const abort = () => {
        this.aborted.push(payload);
        reject(signal.reason);
      };
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
    });
    return `${payload} by ${name}`;
  };

  open(payload: string): void {
    this.#waiting.get(payload)!();
  }
}

/** Waits until a condition is true; each look is a request, so the loop is not busy. */
export async function until(zk: ZooKeeper, condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await zk.exists('/');
}

/** Returns the children of a node below the base, sorted; none if the node does not exist. */
export async function namesBelow(zk: ZooKeeper, path: string): Promise<string[]> {
  const [listed] = await zk.multiRead().children(`${base}/${path}`).run();
  return listed.status === 'fulfilled' ? listed.value.sort() : [];
}
