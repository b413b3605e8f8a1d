// Uses the recipes of nodekeeper as standard input says: one JSON object per line, and one in reply. The processes for
// Curator and kazoo in interop/recipes do the same.
// Arguments: the naming, the connect string, the session timeout in milliseconds.
import { createInterface } from 'node:readline';
import { connect } from '@nodekeeper/client';
import {
  type Assignment,
  AtomicLong,
  DoubleBarrier,
  Group,
  type Held,
  LeaderLatch,
  Lock,
  LockingQueue,
  type Naming,
  Queue,
  ReadWriteLock,
  RecipeError,
  Semaphore,
  ServiceRegistry,
  SetPartitioner,
} from '@nodekeeper/recipes';

interface Request {
  readonly id: number;
  readonly do: string;
  readonly handle: string;
  readonly path: string;
  readonly kind: 'mutex' | 'read' | 'write' | 'semaphore';
  readonly member: string;
  readonly timeoutMs: number;
  readonly counter: string;
  readonly times: number;
  readonly by: number;
  readonly leases: number;
  readonly item: string;
  readonly items: readonly string[];
  readonly count: number;
  readonly service: string;
  readonly address: string;
  readonly port: number;
}

const [naming, connectString, sessionTimeoutMs] = process.argv.slice(2) as [Naming, string, string];
const zk = await connect(connectString, { sessionTimeoutMs: Number(sessionTimeoutMs) });
/** The items of each partitioner, while it has them. */
const partitions = new Map<string, Assignment>();
/** What each handle holds now. */
const held = new Map<string, () => Promise<unknown>>();

function lockOf({ kind, path, leases }: Request): { acquire(options?: { timeoutMs?: number }): Promise<Held> } {
  if (kind === 'mutex') return new Lock(zk, path, { naming });
  if (kind === 'semaphore') return new Semaphore(zk, path, { naming, permits: leases });
  const { read, write } = new ReadWriteLock(zk, path, { naming });
  return kind === 'read' ? read : write;
}

function textOf(item: Buffer | undefined): string | null {
  return item === undefined ? null : item.toString('utf8');
}

/** Returns false if the work did not end in time. */
async function inTime(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (RecipeError.is(error, 'TIMEOUT')) return false;
    throw error;
  }
}

const commands: Readonly<Record<string, (request: Request) => Promise<unknown>>> = {
  acquire: (request) =>
    inTime(async () => {
      const hold = await lockOf(request).acquire({ timeoutMs: request.timeoutMs });
      held.set(request.handle, () => hold.release());
    }),
  /** Increments a number that only the lock protects. */
  increment: async (request) => {
    const lock = lockOf(request);
    for (let time = 0; time < request.times; time++) {
      await using _hold = await lock.acquire();
      const { data } = await zk.get(request.counter);
      await zk.set(request.counter, String(Number(data) + 1));
    }
    return true;
  },
  /** Acquires and releases a lock many times. Returns the time in milliseconds. */
  cycles: async (request) => {
    const lock = lockOf(request);
    const startMs = performance.now();
    for (let time = 0; time < request.times; time++) {
      const hold = await lock.acquire();
      await hold.release();
    }
    return performance.now() - startMs;
  },
  lead: ({ path, member, handle, timeoutMs }) =>
    inTime(async () => {
      const latch = new LeaderLatch(zk, path, { naming, id: member });
      await latch.start();
      held.set(handle, () => latch.close());
      await latch.waitForLeadership({ timeoutMs });
    }),
  contenders: async ({ path }) => {
    const contenders = await new LeaderLatch(zk, path, { naming }).contenders();
    return contenders.map(({ id }) => id).sort();
  },
  /** Puts an item into a queue and takes it, many times. Returns the time in milliseconds. */
  queueCycles: async ({ path, times }) => {
    const queue = new Queue(zk, path, { naming });
    const item = Buffer.alloc(100);
    const startMs = performance.now();
    for (let time = 0; time < times; time++) {
      await queue.put(item);
      await queue.take();
    }
    return performance.now() - startMs;
  },
  put: async ({ path, item }) => {
    await new Queue(zk, path, { naming }).put(item);
    return true;
  },
  take: async ({ path }) => textOf(await new Queue(zk, path, { naming }).poll()),
  putLocking: async ({ path, item }) => {
    await new LockingQueue(zk, path).put(item);
    return true;
  },
  takeLocking: async ({ path, handle, timeoutMs }) => {
    const item = await new LockingQueue(zk, path).take({ timeoutMs });
    held.set(handle, () => item.consume());
    return textOf(item.data);
  },
  join: async ({ path, member, handle }) => {
    const group = new Group(zk, path, { naming, id: member });
    await group.join();
    held.set(handle, () => group.close());
    return true;
  },
  members: async ({ path }) => {
    await using group = new Group(zk, path, { naming });
    await group.start();
    return group.members.map(({ id }) => id).sort();
  },
  partition: async ({ path, items, member, handle }) => {
    const partitioner = new SetPartitioner(zk, path, items, { id: member, settleMs: 1000 });
    partitioner.on('assigned', (assignment) => {
      partitions.set(handle, assignment);
      assignment.signal.addEventListener('abort', () => void assignment.release().catch(() => {}));
    });
    await partitioner.start();
    held.set(handle, () => partitioner.close());
    return true;
  },
  partitionItems: async ({ handle }) => {
    const assignment = partitions.get(handle);
    return assignment === undefined || assignment.signal.aborted ? null : [...assignment.items].sort();
  },
  enter: ({ path, count, handle, timeoutMs }) =>
    inTime(async () => {
      const barrier = new DoubleBarrier(zk, path, count, { naming });
      await barrier.enter({ timeoutMs });
      held.set(handle, () => barrier.leave());
    }),
  add: async ({ path, by, times }) => {
    const number = new AtomicLong(zk, path, { naming });
    for (let time = 0; time < times; time++) await number.add(BigInt(by));
    return Number(await number.get());
  },
  register: async ({ path, service, member, address, port, handle }) => {
    const registry = new ServiceRegistry(zk, path);
    await registry.register({ name: service, id: member, address, port });
    held.set(handle, () => registry.close());
    return true;
  },
  instances: async ({ path, service }) => {
    const instances = await new ServiceRegistry(zk, path).instances(service);
    return instances.map(({ id, address, port }) => `${id}=${address}:${port}`).sort();
  },
  end: async ({ handle }) => {
    await held.get(handle)!();
    held.delete(handle);
    return true;
  },
};

async function run(request: Request): Promise<void> {
  const { id } = request;
  const reply = await commands[request.do]!(request).then(
    (result) => ({ id, result }),
    (error: unknown) => ({ id, error: String(error) }),
  );
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}

process.stdout.write('ready\n');
createInterface({ input: process.stdin })
  .on('line', (line) => void run(JSON.parse(line) as Request))
  .on('close', () => process.exit());
