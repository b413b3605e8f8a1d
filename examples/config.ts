// A configuration in ZooKeeper that running processes follow: node examples/dist/config.js [connect string]
// Change it while it runs, for one with zkcli: set /examples/config '{"greeting":"hi","everyMs":500}'
import { connect, json, type StandardSchema, type ZooKeeper, ZooKeeperError } from '@nodekeeper/client';

export interface Config {
  readonly greeting: string;
  readonly everyMs: number;
}

const path = '/examples/config';
const initial: Config = { greeting: 'hello', everyMs: 1000 };

// What stands here by hand is what z.object({ greeting: z.string(), everyMs: z.number().min(100) }) of Zod is, for one:
// json() takes the schema of any library that knows Standard Schema.
const schema: StandardSchema<Config> = {
  '~standard': {
    version: 1,
    vendor: 'example',
    validate: (value) => {
      const { greeting, everyMs } = (value ?? {}) as Config;
      if (typeof greeting !== 'string') return { issues: [{ message: 'must be text', path: ['greeting'] }] };
      if (!(everyMs >= 100)) return { issues: [{ message: 'must be a number from 100', path: ['everyMs'] }] };
      return { value: { greeting, everyMs } };
    },
  },
};
const codec = json(schema);

/** Calls `apply` with the configuration, and again whenever it has changed. Ends, with an error, with the session. */
export async function follow(zk: ZooKeeper, apply: (config: Config) => void, signal: AbortSignal): Promise<void> {
  // The watch comes first: what is written after the read below is seen as an event, so nothing falls in between.
  await using changes = zk.watch(path, { signal });
  await changes.ready;
  await load(zk, apply);
  // Every event means the same: read again. Also `PossiblyMissed`, which comes when the connection was lost for a while.
  for await (const _event of changes) await load(zk, apply);
}

async function load(zk: ZooKeeper, apply: (config: Config) => void): Promise<void> {
  try {
    const { data } = await zk.get(path, { codec });
    if (data !== null) apply(data);
  } catch (error) {
    // Somebody wrote nonsense, or deleted the node: go on with what was good before.
    if (!ZooKeeperError.is(error, 'INVALID_DATA') && !ZooKeeperError.is(error, 'NONODE')) throw error;
    console.error(`kept the last good configuration: ${error.message}`);
  }
}

/** Follows the configuration until `signal` says stop, whatever becomes of connections and sessions. */
export async function run(connectString: string | undefined, apply: (config: Config) => void, signal: AbortSignal) {
  while (!signal.aborted) {
    await using zk = await connect(connectString);
    try {
      await createOnce(zk);
      await follow(zk, apply, signal);
    } catch (error) {
      // A lost connection comes back by itself, and a read can simply be made again. An expired session does not come
      // back: watches are gone with it, and what is needed is a new client. One loop does for both.
      const isPassing = ZooKeeperError.is(error, 'CONNECTIONLOSS') || ZooKeeperError.is(error, 'SESSIONEXPIRED');
      if (!isPassing && !signal.aborted) throw error;
    }
  }
}

/** Trying again is safe: whoever finds the node there, be it by its own earlier attempt, leaves it as it is. */
async function createOnce(zk: ZooKeeper): Promise<void> {
  try {
    await zk.createWithParents(path, initial, { codec });
  } catch (error) {
    if (!ZooKeeperError.is(error, 'NODEEXISTS')) throw error;
  }
}

async function main(): Promise<void> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  let timer: NodeJS.Timeout | undefined;
  const apply = ({ greeting, everyMs }: Config) => {
    console.log(`every ${everyMs} ms: ${greeting}`);
    clearInterval(timer);
    timer = setInterval(() => console.log(greeting), everyMs);
  };
  await run(process.argv[2], apply, stop.signal);
  clearInterval(timer);
}

if (process.argv[1] === import.meta.filename) await main();
